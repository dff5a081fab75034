{{ config(indexes=[{'columns': ['subscription_id'], 'unique': true}]) }}

-- One row a subscription as it stands now.
with

lifecycle as (

    select * from {{ ref('int_subscriptions__lifecycle') }}

),

accounts as (

    select * from {{ ref('int_accounts__attributes') }}

),

renewals as (

    select * from {{ ref('int_subscriptions__renewals') }}

),

final as (

    select
        -- ids and parents
        lifecycle.subscription_id,
        lifecycle.account_id,
        accounts.account_name,
        accounts.segment as account_segment,
        accounts.country,

        -- terms
        lifecycle.product_name,
        lifecycle.plan_tier,
        lifecycle.billing_interval,
        lifecycle.collection_method,
        lifecycle.currency,
        lifecycle.quantity_locations,
        lifecycle.quantity_devices,
        lifecycle.quantity_seats,

        -- MRR
        lifecycle.list_mrr_local,
        lifecycle.discount_mrr_local,
        lifecycle.mrr_local as net_mrr_local,
        lifecycle.rate_to_usd as fx_rate_to_usd,
        lifecycle.mrr_usd,
        lifecycle.mrr_constant_fx_usd,
        (12 * lifecycle.mrr_usd) as arr_usd,

        -- discount
        lifecycle.coupon_id,
        lifecycle.coupon_duration,
        lifecycle.discount_pct,
        lifecycle.discount_ends_at,

        -- life
        lifecycle.subscription_status,
        lifecycle.started_at,
        lifecycle.trial_started_at as trial_start,
        lifecycle.trial_ends_at as trial_end,
        lifecycle.trial_converted,
        lifecycle.current_period_start_at as current_period_start,
        lifecycle.current_period_end_at as current_period_end,
        lifecycle.is_cancel_at_period_end as cancel_at_period_end,
        lifecycle.cancel_requested_at,
        lifecycle.life_ended_at as canceled_at,
        lifecycle.ended_at,
        lifecycle.cancel_reason,
        lifecycle.churn_type,
        lifecycle.pause_started_at,
        lifecycle.pause_resumes_at,
        floor(lifecycle.days_alive / 30.4375)::int as months_active,

        -- last movement
        lifecycle.last_movement_type,
        lifecycle.last_moved_on as last_movement_date,
        lifecycle.last_movement_mrr_usd,

        -- billing
        lifecycle.invoices_count,
        lifecycle.failed_payments_count,
        lifecycle.subscription_status = 'past_due'
        and lifecycle.collection_method = 'charge_automatically' as in_dunning,
        lifecycle.dunning_attempts,
        lifecycle.paid_invoices_count,
        lifecycle.avg_days_to_pay::numeric(9, 2) as avg_days_to_pay,
        lifecycle.last_invoice_at,
        lifecycle.last_payment_at,
        lifecycle.billed_lifetime_usd,
        lifecycle.collected_lifetime_usd,
        lifecycle.refunded_lifetime_usd,
        lifecycle.open_balance_usd,
        lifecycle.past_due_usd,
        lifecycle.days_past_due,
        lifecycle.deferred_revenue_usd,

        -- renewal
        lifecycle.renewal_date,
        {{ days_between(as_of_date_once(), 'lifecycle.renewal_date') }}
            as days_to_renewal,
        renewals.renewal_probability
    from lifecycle
    inner join accounts on lifecycle.account_id = accounts.account_id
    left join renewals on lifecycle.subscription_id = renewals.subscription_id

)

select * from final
