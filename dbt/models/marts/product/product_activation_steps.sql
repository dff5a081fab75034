{{ config(materialized='table') }}

-- The first weeks of a login, step by step, for cohorts that have had the time for all
-- steps: each step is a part of the one before.
with

users as (

    select * from {{ ref('entity_users') }}
    where
        signup_cohort_week >= {{ course_start() }}
        and {{ utc_date('created_at') }} <= {{ as_of_date() }} - 42

),

users_weekly as (

    select * from {{ ref('entity_users_weekly') }}
    where is_active and weeks_since_signup between 3 and 5

),

back_after_a_month as (

    select distinct user_id from users_weekly

),

steps as (

    select
        users.role,
        date_trunc('month', {{ utc_date('users.created_at') }})::date
            as cohort_month,
        users.activated_at < users.created_at + interval '14 days' as has_signed_in,
        users.activated_at < users.created_at + interval '14 days'
        and users.first_active_on <= {{ utc_date('users.created_at') }} + 14
            as has_used,
        users.activated_at < users.created_at + interval '14 days'
        and users.first_active_on <= {{ utc_date('users.created_at') }} + 14
        and back_after_a_month.user_id is not null as has_come_back
    from users
    left join back_after_a_month on users.user_id = back_after_a_month.user_id

),

counted as (

    select
        role,
        cohort_month,
        count(*) as login_made,
        count(*) filter (where has_signed_in) as signed_in,
        count(*) filter (where has_used) as used_a_feature,
        count(*) filter (where has_come_back) as came_back
    from steps
    group by role, cohort_month

)

select
    counted.cohort_month,
    to_char(counted.cohort_month, 'YYYY-MM') as period,
    counted.role,
    step.step_no,
    step.step_name,
    case step.step_no
        when 1 then counted.login_made
        when 2 then counted.signed_in
        when 3 then counted.used_a_feature
        when 4 then counted.came_back
    end as users
from counted
cross join
    (
        values
        (1, 'login made'),
        (2, 'signed in within 14 days'),
        (3, 'used a feature within 14 days'),
        (4, 'active again in weeks 3 to 5')
    ) as step (step_no, step_name)
