select
    readings.business_date as date,
    count(*) as devices,
    round(
        1.0 * sum(readings.heartbeats) / sum(readings.expected_heartbeats), 4
    ) as uptime,
    round(
        1.0 * sum(readings.open_heartbeats)
        / nullif(sum(readings.open_expected_heartbeats), 0),
        4
    ) as uptime_open_hours
from staging.stg_iot__device_telemetry_daily as readings
inner join placed_devices as placed
    on
        readings.device_id = placed.device_id
        and readings.business_date between placed.first_day and placed.last_day
where readings.business_date > as_of_date() - 90
group by readings.business_date
order by date
