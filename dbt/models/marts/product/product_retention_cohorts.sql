{{ config(materialized='table') }}

-- Who came back. The denominator is the cohort as it was in its first week and never
-- melts; a cell is there once all weeks of the cohort's month have lived it.
with

users_weekly as (

    select * from {{ ref('entity_users_weekly') }}
    where signup_cohort_week >= {{ course_start() }}

),

members as (

    select
        user_id,
        role,
        signup_cohort_week
    from users_weekly
    where weeks_since_signup = 0

),

last_week as (

    select max(week_start) as week_start from users_weekly

),

cohorts as (

    select
        date_trunc('month', members.signup_cohort_week)::date as cohort_month,
        members.role,
        count(*) as cohort_users,
        min(
            (last_week.week_start - members.signup_cohort_week) / 7
        ) as weeks_lived
    from members
    cross join last_week
    group by date_trunc('month', members.signup_cohort_week), members.role

),

-- the youngest week of a month decides for all roles
lived as (

    select
        cohort_month,
        min(weeks_lived) as weeks_lived
    from cohorts
    group by cohort_month

),

weeks as (

    select distinct weeks_since_signup from users_weekly
    where weeks_since_signup between 0 and 52

),

active as (

    select
        date_trunc('month', members.signup_cohort_week)::date as cohort_month,
        members.role,
        users_weekly.weeks_since_signup,
        count(*) as active_users
    from users_weekly
    inner join members on users_weekly.user_id = members.user_id
    where users_weekly.is_active
    group by
        date_trunc('month', members.signup_cohort_week),
        members.role,
        users_weekly.weeks_since_signup

)

select
    cohorts.cohort_month,
    to_char(cohorts.cohort_month, 'YYYY-MM') as cohort,
    cohorts.role,
    weeks.weeks_since_signup,
    'week ' || lpad(weeks.weeks_since_signup::text, 2, '0') as week_label,
    cohorts.cohort_users,
    coalesce(active.active_users, 0) as active_users
from cohorts
inner join lived on cohorts.cohort_month = lived.cohort_month
inner join weeks on lived.weeks_lived >= weeks.weeks_since_signup
left join active
    on
        cohorts.cohort_month = active.cohort_month
        and cohorts.role = active.role
        and weeks.weeks_since_signup = active.weeks_since_signup
