{{ config(indexes=[{'columns': ['account_id']}]) }}

-- The plan of an account at the end of each day, and whether its people may use the
-- product (on trial, active or past due): a day D lies in the span with
-- valid_from <= D < valid_to. Spans cover all days, the first from 1900-01-01 on;
-- starts_on is when it truly began.
with

versions as (

    select * from {{ ref('int_accounts__versions') }}
    where superseded_at = {{ far_future() }}

),

day_ends as (

    {{ versions_at_day_ends('versions', 'account_id') }}

),

opened as (

    select
        account_id,
        -- a trial that has chosen no plan yet has the features of the lowest
        coalesce(plan_tier, 'starter') as plan_tier,
        customer_status in ('trial', 'active', 'past_due') as is_open,
        first_day
    from day_ends

),

compared as (

    select
        opened.*,
        lag(plan_tier) over (partition by account_id order by first_day)
            as previous_tier,
        lag(is_open) over (partition by account_id order by first_day)
            as previous_open
    from opened

)

select
    account_id,
    plan_tier,
    {{ plan_rank('plan_tier') }} as plan_rank,
    is_open,
    first_day as starts_on,
    {{ day_span('account_id') }}
from compared
where
    previous_tier is null
    or previous_tier <> plan_tier
    or previous_open <> is_open
