{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='device_id',
    changes_from='int_devices__changes',
    indexes=[{'columns': ['device_id', 'valid_from']}]
) }}

{%- set tracked = ['device_status', 'firmware_version', 'lines_monitored'] -%}

-- Every version of a device's tracked columns: SCD type 2 in valid time, with the
-- knowledge of the day beside it (bitemporal).
with

versions as (

    select
        device_id,
        account_id,
        location_id,
        device_status,
        firmware_version,
        line_count as lines_monitored,
        device_status in ('inactive', 'retired') as is_out_of_service,
        valid_from,
        valid_to,
        recorded_at,
        superseded_at,
        state_hash
    from {{ ref('int_devices__versions') }}
    where {{ only_changed('int_devices__changes', 'device_id') }}

),

{{ history_of_versions(
    'versions', 'device_key', 'device_id', tracked, gone='is_out_of_service'
) }}

select
    -- keys
    device_key,
    device_id,
    account_id,
    location_id,

    -- tracked columns
    device_status,
    firmware_version,
    lines_monitored,

    -- when it was so
    valid_from,
    valid_to,
    is_current,
    version_no,
    change_type,
    changed_columns,
    prev_version_key,

    -- when we knew it so
    recorded_at,
    superseded_at,
    state_hash as row_hash
from history
