-- The customers a team looks after today: health, risk and what to do about it.
with

customers as (

    select * from {{ ref('entity_customers') }}
    where customer_status in ('active', 'past_due', 'paused')

),

-- the person who carries the product in the account; at most one
champions as (

    select
        account_id,
        role,
        last_active_on,
        active_days_30d,
        active_days_prev_30d
    from {{ ref('entity_users') }}
    where is_champion

)

select
    customers.account_id,
    customers.account_name,
    customers.segment,
    customers.country,
    customers.plan_tier,
    customers.billing_interval,
    customers.customer_status,
    customers.owner_name,
    customers.mrr_usd,
    customers.next_renewal_date,
    customers.next_renewal_date - {{ as_of_date_once() }} as days_to_renewal,
    customers.health_score,
    customers.health_score - customers.health_score_30d_ago as health_change_30d,
    customers.health_band,
    customers.health_usage,
    customers.health_adoption,
    customers.health_device,
    customers.health_support,
    customers.health_billing,
    customers.health_relationship,
    customers.churn_probability_90d,
    customers.churn_risk_band,
    customers.churn_risk_top_driver,
    customers.mrr_at_risk_usd,
    customers.expansion_probability_90d,
    customers.active_users_30d,
    customers.usage_trend_28d,
    customers.open_tickets,
    customers.csat_90d,
    customers.nps_latest,
    customers.last_touch_by_csm_at,
    {{ as_of_date_once() }}
    - (customers.last_touch_by_csm_at at time zone 'UTC')::date as days_since_csm_touch,
    champions.role as champion_role,
    champions.active_days_30d as champion_active_days_30d,
    champions.active_days_prev_30d as champion_active_days_prev_30d,
    {{ as_of_date_once() }} - champions.last_active_on as champion_days_quiet
from customers
left join champions on customers.account_id = champions.account_id
