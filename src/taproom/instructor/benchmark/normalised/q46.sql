with

hours as (

    select
        placed.country,
        extract(
            hour from reports.reported_at at time zone placed.timezone
        )::integer as local_hour,
        sum(reports.pour_count) as pours
    from staging.stg_iot__device_telemetry_hourly as reports
    inner join placed_devices as placed
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
