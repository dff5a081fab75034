-- id: Q44
-- question: Which firmware version has an abnormal error rate?
-- dashboard: Operations
-- difficulty: medium
-- tables: entity_devices_monthly
-- key: firmware_version
-- reading: Versions whose devices report more than twice as many errors a day as all
--     other devices. Device days decide, not devices: a version that ran for a week on
--     many devices says less than its number of devices suggests.
-- excludes: Versions with fewer than 100 device days in the last 12 complete months.

with

devices as (

    select
        firmware_version,
        device_id,
        sum(device_days) as device_days,
        sum(error_count) as errors
    from entities.entity_devices_monthly
    where
        month >= date_trunc('month', (select as_of_date()) + 1) - interval '12 months'
        and month < date_trunc('month', (select as_of_date()) + 1)
    group by firmware_version, device_id

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
