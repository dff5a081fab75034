-- Staging only: readings placed at the venues of customers, test accounts left out.
with

people as (

    select
        account_id,
        bool_and(coalesce(email_domain = 'tapwise.example', false)) as is_all_internal
    from staging.stg_app__users
    where not is_erased
    group by account_id

),

payers as (

    select
        account_id,
        bool_or(not is_livemode) as is_test_mode
    from staging.stg_stripe__customer
    where account_id is not null
    group by account_id

),

customers as (

    select accounts.account_id
    from staging.stg_app__accounts as accounts
    left join people on accounts.account_id = people.account_id
    left join payers on accounts.account_id = payers.account_id
    where
        not accounts.is_test
        and accounts.account_name !~ '^(TEST|Demo|Tapwise)\M'
        and not coalesce(people.is_all_internal, false)
        and not coalesce(payers.is_test_mode, false)

),

-- one row a device's time at a venue, with the business days (06:00 to 06:00) it reported
placed as (

    select
        assignments.device_id,
        locations.country,
        locations.timezone,
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
    inner join customers on locations.account_id = customers.account_id

),

versions as (

    select
        readings.firmware_version,
        count(distinct readings.device_id) as devices,
        count(*) as device_days,
        sum(readings.error_count) as errors
    from staging.stg_iot__device_telemetry_daily as readings
    inner join placed
        on
            readings.device_id = placed.device_id
            and readings.business_date between placed.first_day and placed.last_day
    where readings.business_date > as_of_date() - 365
    group by readings.firmware_version

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
