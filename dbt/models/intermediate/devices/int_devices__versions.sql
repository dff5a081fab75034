{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='device_id',
    changes_from='int_devices__changes',
    indexes=[{'columns': ['device_id', 'valid_from']}]
) }}

{%- set tracked = ['device_status', 'firmware_version', 'line_count'] %}

-- Bitemporal versions of what the platform knew of a device: valid_from and valid_to
-- say when it was so, recorded_at and superseded_at when it was known to be so. The
-- platform corrects nothing; a version only comes too late for the midnight after it,
-- and until it came the version before it was thought to last.
with

delivered as (

    select * from {{ ref('stg_iot__device_versions') }}
    where {{ only_changed('int_devices__changes', 'device_id') }}

),

assignments as (

    select * from {{ ref('int_devices__assignments') }}

),

owners as (

    {{ one_of('assignments', ['device_id'], 'valid_from desc', 'true') }}

),

-- of rows written at one instant the last delivered counts
instants as (

    select
        delivered.*,
        owners.account_id,
        owners.location_id,
        row_number() over (
            partition by delivered.device_id, delivered.updated_at
            order by
                delivered._arrived_at desc,
                delivered._batch_seq desc,
                delivered.device_status asc
        ) as recency
    from delivered
    inner join owners on delivered.device_id = owners.device_id

),

hashed as (

    select
        instants.*,
        {{ hash_of(tracked) }} as state_hash
    from instants
    where recency = 1

),

compared as (

    select
        hashed.*,
        lag(state_hash) over (partition by device_id order by updated_at)
            as previous_hash
    from hashed

),

stretches as (

    select
        compared.*,
        lead(updated_at) over (partition by device_id order by updated_at) as next_at,
        lead(_arrived_at) over (partition by device_id order by updated_at)
            as next_arrived_at
    from compared
    where previous_hash is null or previous_hash <> state_hash

),

-- what is known now, and before that what was thought until the next version came late
knowledge as (

    select
        stretches.*,
        coalesce(next_at, {{ far_future() }}) as valid_to,
        case
            when {{ is_known_late('next_at', 'next_arrived_at') }}
                then greatest(_arrived_at, next_arrived_at)
            else _arrived_at
        end as recorded_at,
        {{ far_future() }} as superseded_at
    from stretches
    union all
    select
        stretches.*,
        {{ far_future() }} as valid_to,
        _arrived_at as recorded_at,
        next_arrived_at as superseded_at
    from stretches
    where
        {{ is_known_late('next_at', 'next_arrived_at') }}
        and next_arrived_at > _arrived_at

)

select
    device_id,
    account_id,
    location_id,
    {% for column in tracked -%}
    {{ column }},
    {% endfor -%}
    valid_from,
    valid_to,
    recorded_at,
    superseded_at,
    state_hash
from (
    select
        knowledge.*,
        updated_at as valid_from
    from knowledge
) as versions
