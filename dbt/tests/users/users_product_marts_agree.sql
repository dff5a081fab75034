-- The marts of the product count the same people as the tables of users: active ones of
-- a day and of a week, and steps of which each is a part of the one before.
with

users_daily as (

    select
        date,
        count(*) filter (where is_active) as active_users
    from {{ ref('entity_users_daily') }}
    group by date

),

activity as (

    select
        date,
        sum(active_users) as active_users
    from {{ ref('product_activity_daily') }}
    group by date

),

users_weekly as (

    select
        week_start,
        count(*) filter (where is_active) as active_users
    from {{ ref('entity_users_weekly') }}
    group by week_start

),

lifecycle as (

    select
        week_start,
        sum(active_users) as active_users
    from {{ ref('product_lifecycle_weekly') }}
    group by week_start

),

steps as (

    select
        cohort_month,
        role,
        step_no,
        users,
        lag(users) over (partition by cohort_month, role order by step_no)
            as users_before
    from {{ ref('product_activation_steps') }}

)

select
    'active users of a day' as what,
    users_daily.date
from users_daily
left join activity on users_daily.date = activity.date
where users_daily.active_users <> coalesce(activity.active_users, 0)
union all
select
    'active users of a week' as what,
    users_weekly.week_start
from users_weekly
left join lifecycle on users_weekly.week_start = lifecycle.week_start
where users_weekly.active_users is distinct from lifecycle.active_users
union all
select
    'more took a step than the one before it' as what,
    steps.cohort_month
from steps
where steps.users > steps.users_before
