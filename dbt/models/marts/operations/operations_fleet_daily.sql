with

devices_daily as (

    select * from {{ ref('entity_devices_daily') }}

)

select
    date,
    country,
    device_type,
    model,
    firmware_version,
    to_char(date, 'YYYY-MM') as period,
    {{ as_of_date_once() }} - date as days_ago,
    count(*) as devices,
    sum(expected_heartbeats) as expected_heartbeats,
    sum(received_heartbeats) as received_heartbeats,
    sum(open_expected_heartbeats) as open_expected_heartbeats,
    sum(open_received_heartbeats) as open_received_heartbeats,
    sum(operating_hours) as operating_hours,
    sum(outages) as outages,
    sum(failures) as failures,
    sum(error_count) as errors,
    sum(alerts_opened) as alerts_opened,
    sum(work_orders_opened) as work_orders_opened,
    sum(repairs_closed) as repairs_closed,
    sum(repair_minutes) as repair_minutes,
    sum(maintenance_cost_usd) as maintenance_cost_usd,
    count(*) filter (where device_health_band = 'red') as red_devices
from devices_daily
group by date, country, device_type, model, firmware_version
