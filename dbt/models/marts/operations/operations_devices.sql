-- Devices in service, with what the operations team acts on.
with

devices as (

    select * from {{ ref('entity_devices') }}

)

select
    device_id,
    serial_number,
    location_name,
    account_name,
    account_segment,
    city,
    country,
    device_type,
    model,
    hardware_rev,
    production_batch,
    firmware_version,
    is_latest_firmware,
    connectivity_status,
    case when connectivity_status = 'offline' then 1 else 0 end as is_offline,
    hours_since_seen,
    uptime_30d_open_hours,
    outages_30d,
    failures_lifetime,
    failure_probability_30d,
    open_repairs,
    open_repair_hours,
    open_alerts,
    open_work_orders,
    sensor_fault,
    last_error_code,
    days_since_line_cleaning,
    is_line_cleaning_overdue,
    round(age_days / 365.25, 1) as age_years,
    device_health_score,
    device_health_band
from devices
where is_in_service
