{{ config(materialized='view') }}

-- One row a customer's device and local business day that is over, as the platform has
-- summed it up. Every step is row by row, so that a reader who asks for a day, a
-- device, a venue or an account reads no more than that.
with

readings as (

    select * from {{ ref('stg_iot__device_telemetry_daily') }}

),

assignments as (

    select * from {{ ref('int_devices__assignments') }}

),

sensor_faults as (

    select * from {{ ref('int_devices__sensor_faults') }}

),

placed as (

    select
        -- keys
        readings.business_date as date,
        readings.device_id,
        assignments.location_id,
        assignments.account_id,

        -- text
        assignments.device_type,
        assignments.device_model,
        assignments.production_batch,
        assignments.country,
        assignments.timezone,
        readings.firmware_version,
        sensor_faults.sensor_fault,

        -- heartbeats, one a minute
        readings.expected_heartbeats,
        readings.heartbeats as received_heartbeats,
        readings.open_expected_heartbeats,
        readings.open_heartbeats as open_received_heartbeats,
        reckoned.uptime_pct,
        round(
            1.0 * readings.open_heartbeats
            / nullif(readings.open_expected_heartbeats, 0),
            6
        ) as uptime_open_hours_pct,

        -- pours
        readings.pour_count as pours,
        round(readings.pour_volume_ml / 1000.0, 3) as volume_l,
        readings.peak_hour,

        -- readings
        case
            when sensor_faults.sensor_fault is null
                then readings.liquid_temp_c
        end as avg_temp_c,
        case
            when sensor_faults.sensor_fault is null
                then readings.temp_out_of_range_minutes
        end as temp_out_of_range_minutes,
        readings.line_pressure_psi as avg_pressure_psi,
        readings.rssi_dbm as avg_rssi_dbm,
        readings.error_count,

        -- age and care
        reckoned.age_days,
        readings.last_cleaning_at,
        reckoned.days_since_line_cleaning,

        -- delivery
        readings.ingested_at as summed_up_at
    from readings
    -- nearly all readings lie within a service: said as differences, because the
    -- planner takes two bounds for rare and would look up each reading by itself
    inner join assignments
        on
            readings.device_id = assignments.device_id
            and readings.business_date - assignments.first_day >= 0
            and assignments.last_day - readings.business_date >= 0
    left join sensor_faults
        on
            readings.device_id = sensor_faults.device_id
            and readings.business_date = sensor_faults.date
    -- what the health score names several times: `limit` keeps the planner from writing
    -- each expression out wherever its name stands
    cross join lateral (  -- noqa: ST05
        select
            round(
                1.0 * readings.heartbeats / nullif(readings.expected_heartbeats, 0), 6
            ) as uptime_pct,
            (
                readings.business_date
                - {{ business_date(
                    'assignments.first_installed_at', 'assignments.timezone'
                ) }}
            )::integer as age_days,
            (
                readings.business_date
                - {{ business_date(
                    'readings.last_cleaning_at', 'assignments.timezone'
                ) }}
            )::integer as days_since_line_cleaning
        limit 1  -- noqa: AM09
    ) as reckoned

)

select
    *,
    (expected_heartbeats - received_heartbeats)::integer as downtime_minutes,
    (open_expected_heartbeats - open_received_heartbeats)::integer
        as open_downtime_minutes,
    {{ device_health_score(
        'uptime_pct',
        'error_count',
        'temp_out_of_range_minutes',
        'avg_rssi_dbm',
        'age_days',
        'days_since_line_cleaning'
    ) }} as device_health_score
from placed
