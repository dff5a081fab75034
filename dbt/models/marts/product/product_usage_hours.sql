{{ config(materialized='table') }}

-- When people work with Tapwise, on the clock of their office. The last 13 weeks, which
-- hold each weekday equally often.
with

sessions as (

    select * from {{ ref('int_users__sessions') }}
    where
        is_active
        and date > {{ as_of_date() }} - 91
        and date <= {{ as_of_date() }}

),

users_daily as (

    select * from {{ ref('entity_users_daily') }}
    where date > {{ as_of_date() }} - 91

),

customers as (

    select * from {{ ref('entity_customers') }}

),

local_sessions as (

    select
        sessions.events,
        sessions.is_mobile,
        users_daily.plan_tier,
        users_daily.account_segment,
        sessions.started_at at time zone customers.timezone as started_at
    from sessions
    inner join users_daily
        on sessions.user_id = users_daily.user_id and sessions.date = users_daily.date
    inner join customers on users_daily.account_id = customers.account_id

)

select
    plan_tier,
    account_segment as segment,
    extract(isodow from started_at)::integer as weekday_no,
    to_char(started_at, 'ID Dy') as weekday,
    extract(hour from started_at)::integer as hour_no,
    to_char(started_at, 'HH24') || 'h' as hour_of_day,
    count(*) as sessions,
    count(*) filter (where is_mobile) as mobile_sessions,
    sum(events) as events
from local_sessions
group by 1, 2, 3, 4, 5, 6
