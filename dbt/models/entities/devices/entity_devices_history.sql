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
        {{ hash_of(['device_id', 'valid_from', 'recorded_at']) }} as device_key,
        device_id,
        account_id,
        location_id,
        device_status,
        firmware_version,
        line_count as lines_monitored,
        valid_from,
        valid_to,
        recorded_at,
        superseded_at,
        state_hash
    from {{ ref('int_devices__versions') }}
    where {{ only_changed('int_devices__changes', 'device_id') }}

),

-- the version before, as it was known when this one was
earlier as (

    select
        versions.device_key,
        previous.device_key as prev_version_key,
        {% for column in tracked -%}
        previous.{{ column }} as previous_{{ column }},
        {% endfor -%}
        row_number() over (
            partition by versions.device_key
            order by previous.valid_from desc, previous.superseded_at desc
        ) as recency
    from versions
    inner join versions as previous
        on
            versions.device_id = previous.device_id
            and versions.valid_from > previous.valid_from
            and versions.superseded_at <= previous.superseded_at

),

compared as (

    select
        versions.*,
        earlier.prev_version_key,
        earlier.previous_device_status,
        row_number() over (
            partition by versions.device_id
            order by versions.valid_from, versions.recorded_at
        )::integer as version_no,
        {{ changed_columns(tracked, 'versions', 'earlier.previous_') }}
            as changed_list
    from versions
    left join earlier
        on versions.device_key = earlier.device_key and earlier.recency = 1

)

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
    valid_to = {{ far_future() }} and superseded_at = {{ far_future() }} as is_current,
    version_no,
    case
        when prev_version_key is null then 'insert'
        when
            device_status in ('inactive', 'retired')
            and previous_device_status not in ('inactive', 'retired')
            then 'delete'
        when
            previous_device_status in ('inactive', 'retired')
            and device_status not in ('inactive', 'retired')
            then 'restore'
        else 'update'
    end as change_type,
    {{ split_list(
        "case when prev_version_key is null then '' else changed_list end"
    ) }} as changed_columns,
    prev_version_key,

    -- when we knew it so
    recorded_at,
    superseded_at,
    state_hash as row_hash
from compared
