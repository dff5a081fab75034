-- Living subscriptions by their next renewal, with the chance that they renew.
with

subscriptions as (

    select * from {{ ref('entity_subscriptions') }}
    where
        subscription_status in ('active', 'past_due', 'paused')
        and renewal_date is not null

)

select
    subscription_id,
    account_id,
    account_name,
    account_segment,
    country,
    plan_tier,
    billing_interval,
    renewal_date,
    days_to_renewal,
    cancel_at_period_end,
    mrr_usd,
    renewal_probability,
    mrr_usd * (1 - renewal_probability) as mrr_at_risk_usd
from subscriptions
