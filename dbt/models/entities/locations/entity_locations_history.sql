{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='location_id',
    changes_from='int_locations__changes',
    indexes=[
        {'columns': ['location_id', 'valid_from']}
    ]
) }}

{%- set tracked = ['location_status', 'is_deleted', 'tap_count', 'device_count'] %}

-- Every version of a venue's tracked columns: SCD type 2 in valid time, with the
-- knowledge of the day beside it (bitemporal).
with

states as (

    select * from {{ ref('int_locations__versions') }}
    where {{ only_changed('int_locations__changes', 'location_id') }}

),

venues as (

    select * from {{ ref('int_locations__attributes') }}

),

versions as (

    select
        states.*,
        venues.account_id
    from states
    inner join venues on states.location_id = venues.location_id

),

{{ history_of_versions(
    'versions', 'location_key', 'location_id', tracked, gone='is_deleted'
) }}

select
    -- keys
    location_key,
    location_id,
    account_id,

    -- tracked columns
    location_status,
    tap_count,
    device_count,
    is_deleted,

    -- when it was so
    valid_from,
    valid_to,
    is_current,
    version_no,
    change_type,
    changed_columns,
    prev_version_key,
    case when changed_list = 'device_count' then 'iot' else 'app' end as source_system,

    -- when we knew it so
    recorded_at,
    superseded_at,
    state_hash as row_hash
from history
