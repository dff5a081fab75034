-- From its release on, a feature has a row each day for each plan that has it.
with

plans as (

    select
        plan_tier,
        {{ plan_rank('plan_tier') }} as plan_rank
    from (select distinct plan_tier from {{ ref('int_accounts__plan_spans') }}) as tiers

),

expected as (

    select
        days.date,
        features.feature_id,
        plans.plan_tier
    from {{ ref('int_calendar__days') }} as days
    inner join {{ ref('entity_features') }} as features
        on days.date >= features.released_on
    inner join plans on plans.plan_rank >= {{ plan_rank('features.min_plan_tier') }}
    where days.date >= {{ course_start() }} and days.date <= {{ as_of_date_once() }}

)

select
    expected.date,
    expected.feature_id,
    expected.plan_tier
from expected
left join {{ ref('entity_features_daily') }} as daily
    on
        expected.date = daily.date
        and expected.feature_id = daily.feature_id
        and expected.plan_tier = daily.plan_tier
where daily.feature_id is null
