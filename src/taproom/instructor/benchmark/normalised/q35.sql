with

people as (

    select
        user_id,
        date_trunc('week', signup_on)::date as signup_cohort_week,
        date_trunc('week', (left_at at time zone 'UTC')::date)::date + 56 as last_week
    from users
    where
        date_trunc('week', signup_on)::date
        >= date_trunc('week', as_of_date() + 1)::date - 7 * 26

),

active_weeks as (

    select distinct
        user_id,
        date_trunc('week', date)::date as week_start
    from active_days
    where date >= date_trunc('week', as_of_date() + 1)::date - 7 * 26

),

user_weeks as (

    select
        people.signup_cohort_week,
        weeks.weeks_since_signup,
        active_weeks.user_id is not null as is_active
    from people
    cross join generate_series(0, 12) as weeks (weeks_since_signup)
    left join active_weeks
        on
            people.user_id = active_weeks.user_id
            and people.signup_cohort_week + 7 * weeks.weeks_since_signup
            = active_weeks.week_start
    where
        people.signup_cohort_week + 7 * weeks.weeks_since_signup
        < date_trunc('week', as_of_date() + 1)::date
        and people.signup_cohort_week + 7 * weeks.weeks_since_signup
        <= coalesce(people.last_week, '9999-12-31'::date)

),

weeks as (

    select
        signup_cohort_week,
        weeks_since_signup,
        count(*) as listed_users,
        count(*) filter (where is_active) as active_users
    from user_weeks
    group by signup_cohort_week, weeks_since_signup

)

select
    signup_cohort_week,
    weeks_since_signup,
    max(listed_users) over (partition by signup_cohort_week) as cohort_users,
    active_users,
    round(
        1.0 * active_users
        / max(listed_users) over (partition by signup_cohort_week),
        4
    ) as retention
from weeks
order by signup_cohort_week, weeks_since_signup
