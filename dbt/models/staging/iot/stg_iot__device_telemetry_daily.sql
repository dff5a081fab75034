{{ config(
    pre_hook="{{ index_batches('iot', 'device_telemetry_daily') }}",
    materialized='incremental',
    incremental_strategy='newest_wins',
    unique_key=['device_id', 'business_date'],
    newest='ingested_at',
    indexes=[
        {'columns': ['device_id', 'business_date'], 'unique': true},
        {'columns': ['business_date', '_batch_seq'], 'type': 'brin'}
    ]
) }}

with

source as (

    {{ newest_by(
        source('iot', 'device_telemetry_daily'),
        ['business_date', 'device_id'],
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

),

renamed as (

    select
        -- ids
        device_id,
        business_date,

        -- text
        firmware_version,

        -- numbers
        expected_heartbeats,
        heartbeats,
        open_expected_heartbeats,
        open_heartbeats,
        {{ beer_celsius('temp', 'liquid_temp_c', 'is_temp_unit_wrong') }}
            as liquid_temp_c,
        case
            when not is_temp_unit_wrong then temp_out_of_range_minutes
        end as temp_out_of_range_minutes,
        ambient_temp_c,
        line_pressure_psi,
        rssi_dbm,
        cpu_temp_c,
        pour_count,
        pour_volume_ml,
        peak_hour,
        error_count,

        -- booleans
        is_temp_unit_wrong,

        -- timestamps
        last_cleaning_at,
        ingested_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from settled

)

select * from renamed
