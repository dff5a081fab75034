-- When the clock stands at midnight, a subscription as it is now, its current version
-- and its row of the last complete day tell the same.
with

clock as (

    select {{ as_of() }} = {{ day_end(as_of_date()) }} as is_midnight

),

subscriptions as (

    select * from {{ ref('entity_subscriptions') }}

),

versions as (

    select * from {{ ref('entity_subscriptions_history') }}
    where is_current

),

last_days as (

    select * from {{ ref('entity_subscriptions_daily') }}
    where date = {{ as_of_date() }}

)

select subscriptions.subscription_id
from subscriptions
cross join clock
left join versions on subscriptions.subscription_id = versions.subscription_id
left join last_days on subscriptions.subscription_id = last_days.subscription_id
where
    clock.is_midnight
    and (
        versions.subscription_id is null
        or subscriptions.subscription_status <> versions.subscription_status
        or subscriptions.plan_tier <> versions.plan_tier
        or subscriptions.net_mrr_local <> versions.net_mrr_local
        or subscriptions.cancel_at_period_end <> versions.cancel_at_period_end
        or subscriptions.subscription_status <> last_days.subscription_status
        or subscriptions.plan_tier <> last_days.plan_tier
        or subscriptions.account_segment <> last_days.account_segment
        or subscriptions.country <> last_days.country
        or subscriptions.mrr_usd <> last_days.mrr_usd
        or subscriptions.mrr_constant_fx_usd <> last_days.mrr_constant_fx_usd
        or abs(subscriptions.deferred_revenue_usd - last_days.deferred_revenue_usd)
        >= 0.005
        or abs(subscriptions.past_due_usd - last_days.past_due_usd) >= 0.005
        or (
            last_days.subscription_id is null
            and subscriptions.subscription_status
            not in ('canceled', 'incomplete_expired')
        )
    )
