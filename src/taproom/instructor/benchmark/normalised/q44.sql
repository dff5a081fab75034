with

devices as (

    select
        readings.firmware_version,
        readings.device_id,
        count(*) as device_days,
        sum(readings.error_count) as errors
    from staging.stg_iot__device_telemetry_daily as readings
    inner join placed_devices as placed
        on
            readings.device_id = placed.device_id
            and readings.business_date between placed.first_day and placed.last_day
    where
        readings.business_date
        >= (date_trunc('month', as_of_date() + 1) - interval '12 months')::date
        and readings.business_date < date_trunc('month', as_of_date() + 1)::date
    group by readings.firmware_version, readings.device_id

),

versions as (

    select
        firmware_version,
        count(*) as devices,
        sum(device_days)::bigint as device_days,
        sum(errors)::bigint as errors
    from devices
    group by firmware_version

),

compared as (

    select
        firmware_version,
        devices,
        device_days,
        errors,
        100.0 * errors / device_days as errors_per_100_days,
        (1.0 * errors / device_days) / nullif(
            1.0
            * (sum(errors) over () - errors)
            / (sum(device_days) over () - device_days),
            0
        ) as times_the_others
    from versions

)

select
    firmware_version,
    devices,
    device_days,
    errors,
    round(errors_per_100_days, 2) as errors_per_100_days,
    round(times_the_others, 2) as times_the_others
from compared
where device_days >= 100 and times_the_others > 2
order by times_the_others desc, firmware_version asc
