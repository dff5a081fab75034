-- A row a device's time at a venue of a customer, with the business days (06:00 to
-- 06:00) it reported.
select
    assignments.device_id,
    devices.device_model,
    locations.location_id,
    locations.country,
    locations.timezone,
    assignments.installed_at,
    assignments.removed_at,
    (
        (assignments.installed_at at time zone locations.timezone)
        - interval '6 hours' - interval '1 microsecond'
    )::date + 1 as first_day,
    case
        when assignments.removed_at is null then '9999-12-31'::date
        else (
            (assignments.removed_at at time zone locations.timezone)
            - interval '6 hours' - interval '1 microsecond'
        )::date
    end as last_day
from staging.stg_iot__device_assignment as assignments
inner join staging.stg_iot__device as devices
    on assignments.device_id = devices.device_id
inner join staging.stg_app__locations as locations
    on assignments.location_id = locations.location_id
inner join customers on locations.account_id = customers.raw_account_id
