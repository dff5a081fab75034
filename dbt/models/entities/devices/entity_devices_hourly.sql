{{ config(
    materialized='incremental',
    incremental_strategy='by_cell',
    unique_key=['device_id', 'hour_at'],
    cells_from='int_devices__hour_changes',
    also_cells='moved_device_hours',
    keep_days=['hour_at', 14],
    indexes=[
        {'columns': ['device_id', 'hour_at'], 'unique': true},
        {'columns': ['hour_at'], 'type': 'brin'},
        {'columns': ['business_date', 'country', 'local_hour', 'pours']}
    ]
) }}

-- depends_on: {{ ref('int_devices__changes') }}

-- One row a customer's device and hour of its venue's wall clock, for 14 days.
with

hours as (

    select *
    from {{ rows_of_changed_cells(
        'int_devices__hour_changes',
        ref('int_devices__hourly'),
        ['device_id', 'hour_at']
    ) }}
    where {{ is_kept() }}

),

alerts as (

    select * from {{ ref('int_devices__alerts') }}

),

assignments as (

    select * from {{ ref('int_devices__assignments') }}

),

zones as (

    select
        device_id,
        min(timezone) as timezone
    from assignments
    group by 1

),

alert_hours as (

    select
        alerts.device_id,
        date_trunc('hour', alerts.opened_at, zones.timezone) as hour_at,
        count(*) as alert_count
    from alerts
    inner join zones on alerts.device_id = zones.device_id
    where alerts.opened_at >= {{ as_of() }} - interval '15 days'
    group by 1, 2

),

final as (

    select
        -- keys
        hours.hour_at,
        hours.device_id,
        hours.location_id,
        hours.account_id,

        -- place and time
        hours.country,
        hours.business_date,
        hours.local_hour,
        hours.is_venue_open,

        -- device
        hours.device_type,
        hours.device_model as model,
        hours.firmware_version,

        -- heartbeats, one a minute
        hours.heartbeat_status,
        hours.expected_heartbeats,
        hours.received_heartbeats,
        (1.0 * hours.received_heartbeats / nullif(hours.expected_heartbeats, 0))
        ::numeric(9, 6) as uptime_pct,
        (hours.expected_heartbeats - hours.received_heartbeats)::integer
            as downtime_minutes,

        -- pours
        hours.pours,
        hours.volume_l::numeric(12, 3) as volume_l,

        -- readings
        hours.avg_temp_c::numeric(6, 2) as avg_temp_c,
        hours.avg_temp_c > 7 as is_temp_out_of_range,
        hours.ambient_temp_c::numeric(6, 2) as ambient_temp_c,
        hours.avg_pressure_psi::numeric(6, 2) as avg_pressure_psi,
        hours.rssi_dbm,
        case when hours.error_code is null then 0 else 1 end as error_count,
        hours.error_code,
        coalesce(alert_hours.alert_count, 0)::integer as alert_count,

        -- delivery
        hours.ingested_at > hours.hour_at + interval '2 hours' as is_late_arrival
    from hours
    left join alert_hours
        on
            hours.device_id = alert_hours.device_id
            and hours.hour_at = alert_hours.hour_at

)

select * from final
