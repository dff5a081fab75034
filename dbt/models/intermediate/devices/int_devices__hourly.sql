{{ config(materialized='view') }}

-- One row a customer's device and hour as its latest report has it, with the hour of
-- the venue's wall clock and whether the venue was open. Row by row, like
-- int_devices__daily.
with

reports as (

    select * from {{ ref('stg_iot__device_telemetry_hourly') }}

),

assignments as (

    select * from {{ ref('int_devices__assignments') }}

),

opening_hours as (

    select * from {{ ref('int_devices__opening_hours') }}

),

placed as (

    select
        reports.*,
        assignments.location_id,
        assignments.account_id,
        assignments.device_type,
        assignments.device_model,
        assignments.country,
        assignments.timezone,
        assignments.first_day,
        assignments.last_day,
        {{ business_date('reports.reported_at', 'assignments.timezone') }}
            as business_date,
        extract(
            hour from reports.reported_at at time zone assignments.timezone
        )::integer as local_hour
    from reports
    inner join assignments on reports.device_id = assignments.device_id

)

select
    -- keys
    placed.reported_at as hour_at,
    placed.device_id,
    placed.location_id,
    placed.account_id,

    -- place and time
    placed.device_type,
    placed.device_model,
    placed.country,
    placed.timezone,
    placed.business_date,
    placed.local_hour,
    -- the opening hours touch the hour
    coalesce(
        opening_hours.opens_minute < (placed.local_hour + 18) % 24 * 60 + 60
        and opening_hours.closes_minute > (placed.local_hour + 18) % 24 * 60,
        false
    ) as is_venue_open,

    -- what was heard
    placed.firmware_version,
    placed.heartbeat_status,
    placed.expected_heartbeats,
    placed.heartbeats as received_heartbeats,
    placed.pour_count as pours,
    round(placed.pour_volume_ml / 1000.0, 3) as volume_l,
    placed.liquid_temp_c as avg_temp_c,
    placed.ambient_temp_c,
    placed.line_pressure_psi as avg_pressure_psi,
    placed.rssi_dbm,
    placed.error_code,
    placed.ingested_at
from placed
left join opening_hours
    on
        placed.location_id = opening_hours.location_id
        and extract(isodow from placed.business_date) = opening_hours.iso_weekday
where
    placed.business_date >= placed.first_day
    and placed.business_date <= placed.last_day
