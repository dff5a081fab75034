{{ config(
    pre_hook="{{ index_batches('iot', 'device_telemetry_hourly') }}",
    materialized='incremental',
    incremental_strategy='newest_wins',
    unique_key=['device_id', 'reported_at'],
    newest='ingested_at',
    keep_days=['_arrived_at', 14],
    indexes=[
        {'columns': ['device_id', 'reported_at'], 'unique': true},
        {'columns': ['reported_at', '_arrived_at', '_batch_seq'], 'type': 'brin'}
    ]
) }}

-- One row for one hour of a device: what it sent when it was back replaces the silent
-- hour.
with

source as (

    {{ newest_by(
        source('iot', 'device_telemetry_hourly'),
        ['reported_at', 'device_id'],
        'ingested_at'
    ) }}

),

settled as (

    select
        source.*,
        coalesce(
            {{ has_wrong_unit('liquid_temp_c', 'firmware_version') }}, false
        ) as is_temp_unit_wrong
    from source
    where {{ is_kept() }}

),

renamed as (

    select
        -- ids
        device_id,

        -- text
        status as heartbeat_status,
        error_code,
        firmware_version,

        -- numbers
        expected_heartbeats,
        heartbeats,
        {{ beer_celsius('temp', 'liquid_temp_c', 'is_temp_unit_wrong') }}
            as liquid_temp_c,
        ambient_temp_c,
        line_pressure_psi,
        rssi_dbm,
        cpu_temp_c,
        pour_count,
        pour_volume_ml,

        -- booleans
        is_temp_unit_wrong,

        -- timestamps
        reported_at,
        ingested_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from settled

)

select * from renamed
