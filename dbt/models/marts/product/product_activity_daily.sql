{{ config(materialized='table') }}

-- People who did something of value, by day. The windows of 7 and 30 days are counted
-- by account, so they add up over plans, segments and countries, never over days.
with

customers_daily as (

    select * from {{ ref('entity_customers_daily') }}
    where active_users_30d > 0

)

select
    date,
    plan_tier,
    segment,
    country,
    date_trunc('month', date)::date as month,
    to_char(date, 'YYYY-MM') as period,
    {{ as_of_date_once() }} - date as days_ago,
    date = least(
        (date_trunc('month', date) + interval '1 month')::date - 1,
        {{ as_of_date_once() }}
    ) as is_month_end,
    extract(isodow from date) >= 6 as is_weekend,
    count(*) as active_accounts_30d,
    sum(active_users) as active_users,
    sum(active_users_7d) as active_users_7d,
    sum(active_users_30d) as active_users_30d,
    sum(sessions) as sessions,
    sum(events) as events
from customers_daily
group by date, plan_tier, segment, country
