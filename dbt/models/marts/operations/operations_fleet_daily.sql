{{ config(
    materialized='table',
    indexes=[{'columns': ['date']}]
) }}

-- The fleet by business day. A table: the entity has a row a device and day.
with

devices_daily as (

    select * from {{ ref('entity_devices_daily') }}

),

temperature_alarms as (

    select
        device_id,
        opened_date as date,
        count(*) as alarms
    from {{ ref('int_devices__alerts') }}
    where alert_code = 'TEMP_HIGH'
    group by device_id, opened_date

)

select
    devices_daily.date,
    devices_daily.country,
    devices_daily.device_type,
    devices_daily.model,
    devices_daily.firmware_version,
    to_char(devices_daily.date, 'YYYY-MM') as period,
    date_trunc('week', devices_daily.date::timestamp)::date as week,
    {{ as_of_date_once() }} - devices_daily.date as days_ago,
    (
        date_trunc('week', {{ as_of_date_once() }}::timestamp + interval '1 day')::date
        - date_trunc('week', devices_daily.date::timestamp)::date
    ) / 7 as weeks_ago,
    count(*) as devices,
    sum(devices_daily.expected_heartbeats) as expected_heartbeats,
    sum(devices_daily.received_heartbeats) as received_heartbeats,
    sum(devices_daily.open_expected_heartbeats) as open_expected_heartbeats,
    sum(devices_daily.open_received_heartbeats) as open_received_heartbeats,
    sum(devices_daily.operating_hours) as operating_hours,
    sum(devices_daily.outages) as outages,
    sum(devices_daily.site_outages) as site_outages,
    sum(devices_daily.failures) as failures,
    sum(devices_daily.error_count) as errors,
    sum(devices_daily.alerts_opened) as alerts_opened,
    coalesce(sum(temperature_alarms.alarms), 0) as temperature_alarms,
    count(devices_daily.temp_out_of_range_minutes) as temperature_devices,
    coalesce(sum(devices_daily.temp_out_of_range_minutes), 0)
        as temp_out_of_range_minutes,
    sum(devices_daily.work_orders_opened) as work_orders_opened,
    sum(devices_daily.work_orders_closed) as work_orders_closed,
    sum(devices_daily.work_orders_open) as work_orders_open,
    sum(devices_daily.repairs_closed) as repairs_closed,
    sum(devices_daily.repair_minutes) as repair_minutes,
    sum(devices_daily.maintenance_cost_usd) as maintenance_cost_usd,
    count(*) filter (where devices_daily.device_health_band = 'red') as red_devices
from devices_daily
left join temperature_alarms
    on
        devices_daily.device_id = temperature_alarms.device_id
        and devices_daily.date = temperature_alarms.date
group by
    devices_daily.date,
    devices_daily.country,
    devices_daily.device_type,
    devices_daily.model,
    devices_daily.firmware_version
