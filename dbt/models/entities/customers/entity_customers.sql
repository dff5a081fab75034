with

attributes as (

    select * from {{ ref('int_accounts__attributes') }}

),

billing as (

    select * from {{ ref('int_accounts__billing') }}

),

lifetime_values as (

    select * from {{ ref('int_accounts__lifetime_value') }}

),

customers as (

    select
        -- identity
        attributes.account_id,
        attributes.account_name,
        attributes.stripe_customer_id,
        attributes.is_deleted,
        attributes.segment,
        attributes.venue_type,
        attributes.country,
        attributes.billing_currency,
        attributes.timezone,

        -- life
        attributes.signup_at,
        attributes.trial_started_at,
        attributes.trial_converted_at,
        attributes.first_paid_at,
        attributes.churned_at,
        attributes.reactivated_at,
        attributes.customer_status,
        attributes.customer_status = 'trial'
        and attributes.trial_ends_at is not null as is_active_trial,
        case when attributes.churned_at is not null then billing.churn_type end
            as churn_type,
        case when attributes.churned_at is not null then billing.churn_reason end
            as churn_reason,
        (
            {{ as_of_date_once() }} - {{ utc_date('attributes.signup_at') }}
        )::integer as tenure_days,

        -- plan
        attributes.plan_tier,
        attributes.billing_interval,
        billing.next_renewal_date,
        coalesce(billing.discount_pct, 0) as discount_pct,

        -- money
        coalesce(billing.mrr_usd, 0) as mrr_usd,
        coalesce(billing.arr_usd, 0) as arr_usd,
        coalesce(billing.mrr_30d_ago_usd, 0) as mrr_30d_ago_usd,
        coalesce(billing.mrr_12m_ago_usd, 0) as mrr_12m_ago_usd,
        coalesce(billing.lifetime_revenue_usd, 0) as lifetime_revenue_usd,
        coalesce(billing.lifetime_refunds_usd, 0) as lifetime_refunds_usd,
        coalesce(billing.open_balance_usd, 0) as open_balance_usd,
        coalesce(billing.days_past_due, 0)::integer as days_past_due,
        lifetime_values.ltv_usd,

        -- size
        attributes.location_count,
        attributes.active_location_count,
        attributes.seats_purchased,
        attributes.user_count
    from attributes
    left join billing on attributes.account_id = billing.account_id
    left join lifetime_values on attributes.account_id = lifetime_values.account_id

)

select * from customers
