-- Living subscriptions by their next renewal, with the chance that they renew.
with

subscriptions as (

    select * from {{ ref('entity_subscriptions') }}
    where
        subscription_status in ('active', 'past_due', 'paused')
        and renewal_date is not null

),

customers as (

    select
        account_id,
        owner_name,
        health_score,
        health_band,
        churn_risk_top_driver
    from {{ ref('entity_customers') }}

)

select
    subscriptions.subscription_id,
    subscriptions.account_id,
    subscriptions.account_name,
    subscriptions.account_segment as segment,
    subscriptions.country,
    subscriptions.plan_tier,
    subscriptions.billing_interval,
    customers.owner_name,
    subscriptions.renewal_date,
    subscriptions.days_to_renewal,
    case
        when subscriptions.days_to_renewal <= 30 then '1 in 30 days'
        when subscriptions.days_to_renewal <= 60 then '2 in 31 to 60 days'
        when subscriptions.days_to_renewal <= 90 then '3 in 61 to 90 days'
        else '4 later'
    end as renewal_window,
    subscriptions.cancel_at_period_end,
    customers.health_score,
    customers.health_band,
    customers.churn_risk_top_driver,
    subscriptions.mrr_usd,
    subscriptions.renewal_probability,
    subscriptions.mrr_usd * subscriptions.renewal_probability as mrr_expected_usd,
    subscriptions.mrr_usd * (1 - subscriptions.renewal_probability) as mrr_at_risk_usd
from subscriptions
left join customers on subscriptions.account_id = customers.account_id
