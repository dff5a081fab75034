{{ config(materialized='view') }}

-- What happened to the venues of customers and when it was known: each delivered
-- version of a venue, each device put up and taken down.
with

versions as (

    select * from {{ ref('stg_app__locations_versions') }}

),

assignments as (

    select * from {{ ref('stg_iot__device_assignment_versions') }}

),

venues as (

    select * from {{ ref('int_locations__attributes') }}

),

version_events as (

    select
        location_id,
        'version' as event_type,
        null::text as device_id,
        case
            when
                row_number() over (
                    partition by location_id order by updated_at, _arrived_at
                ) = 1
                then least(created_at, updated_at)
            else updated_at
        end as valid_from,
        _arrived_at as arrived_at,
        location_status,
        tap_count,
        is_deleted
    from versions

),

-- the first delivery of an assignment tells of its beginning, a later one of its end
device_events as (

    select
        location_id,
        'installed' as event_type,
        device_id,
        installed_at as valid_from,
        min(_arrived_at) as arrived_at
    from assignments
    group by location_id, device_id, installed_at
    union all
    select
        location_id,
        'removed' as event_type,
        device_id,
        removed_at as valid_from,
        min(_arrived_at) as arrived_at
    from assignments
    where removed_at is not null
    group by location_id, device_id, removed_at

),

final as (

    select
        location_id,
        event_type,
        device_id,
        valid_from,
        arrived_at,
        location_status,
        tap_count,
        is_deleted
    from version_events
    union all
    select
        location_id,
        event_type,
        device_id,
        valid_from,
        arrived_at,
        null as location_status,
        null::int as tap_count,
        null::boolean as is_deleted
    from device_events

)

select
    venues.location_id,
    venues.account_id,
    venues.created_at,
    final.event_type,
    final.device_id,
    -- a device that hangs before the venue is entered counts from its entry on
    greatest(final.valid_from, venues.created_at) as valid_from,
    final.arrived_at,
    final.location_status,
    final.tap_count,
    final.is_deleted
from final
inner join venues on final.location_id = venues.location_id
