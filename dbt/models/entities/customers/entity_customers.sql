{{ config(indexes=[{'columns': ['account_id'], 'unique': true}]) }}

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

churn_rates as (

    select * from {{ ref('int_accounts__churn_rates') }}

),

crm as (

    select * from {{ ref('int_accounts__crm') }}

),

acquisition as (

    select * from {{ ref('int_accounts__acquisition') }}

),

engagement as (

    select * from {{ ref('int_accounts__engagement') }}

),

deals as (

    select * from {{ ref('int_accounts__deals') }}

),

first_steps as (

    select * from {{ ref('int_accounts__first_steps') }}

),

customers as (

    select
        -- identity
        attributes.account_id,
        attributes.account_name,
        attributes.stripe_customer_id,
        crm.hubspot_company_id,
        attributes.is_deleted,
        attributes.segment,
        attributes.venue_type,
        attributes.country,
        attributes.billing_currency,
        attributes.timezone,

        -- where it came from, who looks after it
        acquisition.acquisition_channel,
        acquisition.acquisition_campaign_id,
        acquisition.acquisition_campaign_name,
        acquisition.first_touch_channel,
        acquisition.first_touch_at,
        acquisition.touch_count::integer as touch_count,
        crm.owner_name,
        crm.last_touch_by_csm_at,

        -- what sales and customer success work on
        coalesce(deals.open_deals, 0) as open_deals,
        coalesce(deals.open_deal_amount_usd, 0) as open_deal_amount_usd,
        coalesce(deals.existing_deals_won, 0) as existing_deals_won,
        coalesce(deals.existing_deals_lost, 0) as existing_deals_lost,
        deals.sales_cycle_days::numeric(9, 2) as sales_cycle_days,

        -- life
        attributes.signup_at,
        attributes.trial_started_at,
        attributes.trial_converted_at,
        attributes.first_paid_at,
        acquisition.days_signup_to_payment::numeric(9, 2) as days_signup_to_payment,
        acquisition.days_first_touch_to_payment::numeric(9, 2)
            as days_first_touch_to_payment,
        first_steps.first_device_installed_at,
        first_steps.first_pour_on,
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
        coalesce(billing.not_due_usd, 0) as not_due_usd,
        coalesce(billing.past_due_under_31_days_usd, 0) as past_due_under_31_days_usd,
        coalesce(billing.past_due_over_30_days_usd, 0) as past_due_over_30_days_usd,
        coalesce(billing.days_past_due, 0)::integer as days_past_due,
        lifetime_values.ltv_usd,
        acquisition.cac_usd::numeric(18, 6) as cac_usd,
        round(lifetime_values.ltv_usd / nullif(acquisition.cac_usd, 0), 6)
            as ltv_to_cac,
        case
            when billing.mrr_usd > 0
                then
                    round(
                        acquisition.cac_usd
                        / nullif(billing.mrr_usd * churn_rates.gross_margin, 0),
                        6
                    )
        end as payback_months,

        -- size
        attributes.location_count,
        attributes.active_location_count,
        attributes.seats_purchased,
        attributes.user_count,
        engagement.device_count,
        engagement.online_device_count,

        -- what it does with the product and its devices
        engagement.active_users_7d,
        engagement.active_users_30d,
        least(
            1,
            round(
                1.0 * engagement.active_users_30d / nullif(attributes.user_count, 0), 6
            )
        ) as seat_utilisation,
        engagement.dau_mau_30d,
        engagement.sessions_30d,
        engagement.events_30d,
        engagement.usage_trend_28d,
        engagement.last_activity_at,
        engagement.features_adopted,
        engagement.key_feature_adoption_pct,
        engagement.device_uptime_30d,
        engagement.device_outages_30d,

        -- support and voice
        engagement.tickets_30d,
        engagement.open_tickets,
        engagement.p1_tickets_90d,
        engagement.csat_90d,
        engagement.first_reply_hours_90d,
        engagement.solving_hours_90d,
        engagement.reopened_share_90d,
        engagement.nps_latest,

        -- health and risk
        engagement.health_usage,
        engagement.health_adoption,
        engagement.health_device,
        engagement.health_support,
        engagement.health_billing,
        engagement.health_relationship,
        engagement.health_score,
        engagement.health_band,
        engagement.health_score_30d_ago,
        engagement.churn_probability_90d,
        engagement.churn_risk_band,
        engagement.churn_risk_top_driver,
        round(coalesce(billing.mrr_usd, 0) * engagement.churn_probability_90d, 6)
            as mrr_at_risk_usd,
        engagement.expansion_probability_90d
    from attributes
    left join billing on attributes.account_id = billing.account_id
    left join lifetime_values on attributes.account_id = lifetime_values.account_id
    left join churn_rates on attributes.segment = churn_rates.segment
    left join crm on attributes.account_id = crm.account_id
    left join acquisition on attributes.account_id = acquisition.account_id
    left join engagement on attributes.account_id = engagement.account_id
    left join deals on attributes.account_id = deals.account_id
    left join first_steps on attributes.account_id = first_steps.account_id

)

select * from customers
