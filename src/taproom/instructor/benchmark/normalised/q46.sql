-- Staging only: hourly reports on the wall clock of each venue, test accounts left out.
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

hours as (

    select
        placed.country,
        extract(
            hour from reports.reported_at at time zone placed.timezone
        )::integer as local_hour,
        sum(reports.pour_count) as pours
    from staging.stg_iot__device_telemetry_hourly as reports
    inner join placed
        on
            reports.device_id = placed.device_id
            and (
                (reports.reported_at at time zone placed.timezone) - interval '6 hours'
            )::date between placed.first_day and placed.last_day
    where
        extract(
            isodow from (reports.reported_at at time zone placed.timezone)
            - interval '6 hours'
        ) = 5
        and reports.pour_count is not null
        -- what the entity keeps
        and reports.reported_at >= (select as_of from ops.clock) - interval '14 days'
    group by placed.country, local_hour

),

ranked as (

    select
        country,
        local_hour,
        pours,
        sum(pours) over (partition by country) as friday_pours,
        row_number() over (
            partition by country order by pours desc, (local_hour + 18) % 24 asc
        ) as place
    from hours

)

select
    country,
    local_hour as peak_hour,
    pours as pours_in_peak_hour,
    round(1.0 * pours / nullif(friday_pours, 0), 4) as share_of_friday
from ranked
where place = 1
order by country
