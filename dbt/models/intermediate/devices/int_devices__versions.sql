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
ranked as (

    select
        delivered.*,
        owners.account_id,
        owners.location_id,
        delivered.updated_at as valid_from,
        delivered._arrived_at as arrived_at,
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

instants as (

    select * from ranked
    where recency = 1

),

{{ versions_of_instants(
    'instants', 'device_id', tracked, carried=['account_id', 'location_id']
) }}

select * from versions
