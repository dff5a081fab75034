{{ config(materialized='table') }}

-- What was billed, what came in and what was earned, by month, billing interval and
-- kind of customer. A table: the entity has a row a subscription and day.
with

subscriptions_daily as (

    select * from {{ ref('entity_subscriptions_daily') }}

),

month_ends as (

    select
        date_trunc('month', date)::date as month,
        max(date) as last_date
    from subscriptions_daily
    group by date_trunc('month', date)

)

select
    month_ends.month,
    subscriptions_daily.billing_interval,
    subscriptions_daily.account_segment as segment,
    subscriptions_daily.country,
    subscriptions_daily.plan_tier,
    to_char(month_ends.month, 'YYYY-MM') as period,
    to_char(month_ends.month, 'YYYY-"Q"Q') as quarter_name,
    sum(subscriptions_daily.billed_usd) as billed_usd,
    sum(subscriptions_daily.collected_usd) as collected_usd,
    sum(subscriptions_daily.refunded_usd) as refunded_usd,
    sum(subscriptions_daily.recognised_revenue_usd) as recognised_revenue_usd,
    -- stocks: as they stand on the last day
    coalesce(
        sum(subscriptions_daily.deferred_revenue_usd) filter (
            where subscriptions_daily.date = month_ends.last_date
        ),
        0
    ) as deferred_revenue_usd,
    coalesce(
        sum(subscriptions_daily.past_due_usd) filter (
            where subscriptions_daily.date = month_ends.last_date
        ),
        0
    ) as past_due_usd,
    sum(subscriptions_daily.failed_payments) as failed_payments,
    sum(subscriptions_daily.recovered_payments) as recovered_payments,
    {{ as_of_date_once() }}
    >= (month_ends.month + interval '1 month')::date - 1 as is_complete,
    {{ as_of_date_once() }} - month_ends.last_date as days_ago
from subscriptions_daily
inner join month_ends
    on date_trunc('month', subscriptions_daily.date)::date = month_ends.month
group by
    month_ends.month,
    month_ends.last_date,
    subscriptions_daily.billing_interval,
    subscriptions_daily.account_segment,
    subscriptions_daily.country,
    subscriptions_daily.plan_tier
