-- By what is known now, the version true at a day's end and the day's row tell the
-- same.
with

versions as (

    select * from {{ ref('entity_subscriptions_history') }}
    where superseded_at = {{ far_future() }}

),

daily as (

    select * from {{ ref('entity_subscriptions_daily') }}

)

select
    daily.date,
    daily.subscription_id
from daily
left join versions
    on
        daily.subscription_id = versions.subscription_id
        and {{ day_end('daily.date') }} >= versions.valid_from
        and {{ day_end('daily.date') }} < versions.valid_to
where
    versions.subscription_id is null
    or daily.account_id <> versions.account_id
    or daily.plan_tier <> versions.plan_tier
    or daily.billing_interval <> versions.billing_interval
    or daily.currency <> versions.currency
    or daily.subscription_status <> versions.subscription_status
    or (daily.mrr_usd = 0) <> (versions.net_mrr_local = 0)
