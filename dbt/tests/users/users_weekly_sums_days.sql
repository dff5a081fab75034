-- A complete week is the sum of its days; days and weeks without the other do not
-- exist, but for what a person did more than 8 weeks after the login was closed:
-- nothing.
with

days as (

    select
        user_id,
        {{ monday('date') }} as week_start,
        count(*) filter (where is_active) as active_days,
        sum(sessions) as sessions,
        sum(events) as events,
        sum(minutes) as minutes
    from {{ ref('entity_users_daily') }}
    group by 1, 2

),

weeks as (

    select * from {{ ref('entity_users_weekly') }}

)

select
    coalesce(weeks.user_id, days.user_id) as user_id,
    coalesce(weeks.week_start, days.week_start) as week_start
from weeks
full outer join days
    on weeks.user_id = days.user_id and weeks.week_start = days.week_start
where
    coalesce(weeks.week_start, days.week_start) + 6 <= {{ as_of_date() }}
    and (
        weeks.user_id is null
        or weeks.active_days <> coalesce(days.active_days, 0)
        or weeks.sessions <> coalesce(days.sessions, 0)
        or weeks.events <> coalesce(days.events, 0)
        or weeks.minutes <> coalesce(days.minutes, 0)
    )
