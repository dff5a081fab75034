-- The table as saved at a midnight holds each subscription that had arrived by then
-- exactly once.
with

versions as (

    select * from {{ ref('entity_subscriptions_history') }}

),

midnights as (

    select {{ day_end('days.date') }} as saved_at
    from {{ ref('int_calendar__days') }} as days

),

known_since as (

    select
        subscription_id,
        min(known_at) as recorded_at
    from {{ ref('int_subscriptions__versions') }}
    group by subscription_id

),

shown as (

    select
        midnights.saved_at,
        versions.subscription_id,
        count(*) as rows_shown
    from versions
    inner join midnights
        on
            versions.valid_from <= midnights.saved_at
            and versions.valid_to > midnights.saved_at
            and versions.recorded_at < midnights.saved_at
            and versions.superseded_at >= midnights.saved_at
    group by midnights.saved_at, versions.subscription_id

),

expected as (

    select
        known_since.subscription_id,
        count(*) as midnights_expected
    from known_since
    inner join midnights on known_since.recorded_at < midnights.saved_at
    group by known_since.subscription_id

),

found as (

    select
        subscription_id,
        count(*) as midnights_found,
        max(rows_shown) as most_rows_shown
    from shown
    group by subscription_id

)

select
    expected.subscription_id,
    expected.midnights_expected,
    found.midnights_found,
    found.most_rows_shown
from expected
left join found on expected.subscription_id = found.subscription_id
where
    found.midnights_found is null
    or found.midnights_found <> expected.midnights_expected
    or found.most_rows_shown > 1
