-- The customers a team looks after today: health, risk and what to do about it.
with

customers as (

    select * from {{ ref('entity_customers') }}
    where customer_status in ('active', 'past_due', 'paused')

)

select
    account_id,
    account_name,
    segment,
    country,
    plan_tier,
    billing_interval,
    customer_status,
    owner_name,
    mrr_usd,
    next_renewal_date,
    next_renewal_date - {{ as_of_date_once() }} as days_to_renewal,
    health_score,
    health_score - health_score_30d_ago as health_change_30d,
    health_band,
    health_usage,
    health_adoption,
    health_device,
    health_support,
    health_billing,
    health_relationship,
    churn_probability_90d,
    churn_risk_band,
    churn_risk_top_driver,
    mrr_at_risk_usd,
    expansion_probability_90d,
    open_tickets,
    csat_90d,
    nps_latest,
    last_touch_by_csm_at
from customers
