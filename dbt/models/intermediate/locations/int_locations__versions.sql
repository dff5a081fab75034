{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='location_id',
    changes_from='int_locations__changes',
    indexes=[{'columns': ['location_id']}]
) }}

{%- set tracked = ['location_status', 'is_deleted', 'tap_count', 'device_count'] %}

-- Bitemporal versions of the tracked attributes: valid_from and valid_to say when it
-- was so, recorded_at and superseded_at when it was known to be so.
with

events as (

    select * from {{ ref('int_locations__events') }}
    where {{ only_changed('int_locations__changes', 'location_id') }}

),

{{ moments_of_events('events', 'location_id') }},

known as (

    {{ known_at_moments(
        'events', 'location_id',
        ['event_type', 'location_status', 'tap_count', 'is_deleted'],
        part='event_type'
    ) }}

),

counted as (

    select
        moments.location_id,
        moments.epoch_no,
        moments.known_from,
        moments.known_until,
        moments.valid_from,
        moments.arrived_at,
        max(
            case
                when known.event_type = 'version' and known.rank_newest = 1
                    then known.location_status
            end
        ) as location_status,
        coalesce(
            bool_or(
                known.event_type = 'version'
                and known.rank_newest = 1
                and known.is_deleted
            ),
            false
        ) as is_deleted,
        max(
            case
                when known.event_type = 'version' and known.rank_newest = 1
                    then known.tap_count
            end
        ) as tap_count,
        sum(
            case known.event_type
                when 'installed' then 1
                when 'removed' then -1
                else 0
            end
        )::int as device_count
    from moments
    inner join known
        on
            moments.location_id = known.location_id
            and moments.epoch_no = known.epoch_no
            and moments.valid_from = known.valid_from
    group by
        moments.location_id,
        moments.epoch_no,
        moments.known_from,
        moments.known_until,
        moments.valid_from,
        moments.arrived_at

),

-- a device may be known before its venue is
states as (

    select * from counted
    where location_status is not null

),

{{ versions_of_states('states', 'location_id', tracked) }}

select * from versions
