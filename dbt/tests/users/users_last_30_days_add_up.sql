-- What the atomic table says of the last days is the sum of the days.
with

days as (

    select
        user_id,
        count(*) filter (where is_active and date > {{ as_of_date() }} - 7)
            as active_days_7d,
        count(*) filter (where is_active) as active_days_30d,
        sum(sessions) as sessions_30d,
        sum(events) as events_30d,
        sum(errors) as errors_30d,
        sum(minutes) as minutes_30d
    from {{ ref('entity_users_daily') }}
    where date > {{ as_of_date() }} - 30
    group by user_id

)

select users.user_id
from {{ ref('entity_users') }} as users
left join days on users.user_id = days.user_id
where
    users.active_days_7d <> coalesce(days.active_days_7d, 0)
    or users.active_days_30d <> coalesce(days.active_days_30d, 0)
    or users.sessions_30d <> coalesce(days.sessions_30d, 0)
    or users.events_30d <> coalesce(days.events_30d, 0)
    or users.errors_30d <> coalesce(days.errors_30d, 0)
    or users.minutes_30d <> coalesce(days.minutes_30d, 0)
