-- From the week of the sign-up (not before 2024) to the last complete week, or the
-- eighth after the login was closed, no week is missing.
with

expected as (

    select
        user_id,
        greatest({{ monday('signup_on') }}, {{ course_start() }}) as first_week,
        least(
            coalesce(
                {{ monday(utc_date('left_at')) }} + 56,
                '9999-12-31'::date
            ),
            {{ monday('(' ~ as_of_date() ~ ' - 6)') }}
        ) as last_week
    from {{ ref('int_users__attributes') }}

),

found as (

    select
        user_id,
        count(*) as weeks,
        min(week_start) as first_week,
        max(week_start) as last_week
    from {{ ref('entity_users_weekly') }}
    group by user_id

)

select coalesce(expected.user_id, found.user_id) as user_id
from expected
full outer join found on expected.user_id = found.user_id
where
    (
        found.user_id is null
        and expected.last_week >= expected.first_week
    )
    or expected.user_id is null
    or found.weeks <> (expected.last_week - expected.first_week) / 7 + 1
    or found.first_week <> expected.first_week
    or found.last_week <> expected.last_week
