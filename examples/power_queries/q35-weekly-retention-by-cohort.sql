-- id: Q35
-- question: What is weekly retention by signup cohort (the last 26 cohorts, 12 weeks
--     each)?
-- dashboard: Product
-- difficulty: medium
-- tables: entity_users_weekly
-- key: signup_cohort_week, weeks_since_signup
-- reading: Of those who signed up in a week, the share with at least one use in each
--     week after it. Week 0 is not full: who signed up on Sunday had a day. Everybody
--     of the cohort stays in the denominator, also who was deactivated.
-- excludes: The running week, users of test accounts, sign-ins without a use.

with

weeks as (

    select
        signup_cohort_week,
        weeks_since_signup,
        count(*) as listed_users,
        count(*) filter (where is_active) as active_users
    from entities.entity_users_weekly
    where
        signup_cohort_week
        >= date_trunc('week', (select as_of_date()) + 1)::date - 7 * 26
        and weeks_since_signup <= 12
    group by signup_cohort_week, weeks_since_signup

),

cohorts as (

    select
        signup_cohort_week,
        weeks_since_signup,
        max(listed_users) over (partition by signup_cohort_week) as cohort_users,
        active_users
    from weeks

)

select
    signup_cohort_week,
    weeks_since_signup,
    cohort_users,
    active_users,
    round(1.0 * active_users / cohort_users, 4) as retention
from cohorts
order by signup_cohort_week, weeks_since_signup
