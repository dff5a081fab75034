{{ config(
    materialized='table',
    indexes=[{'columns': ['business_date']}]
) }}

-- How the fleet went through the hours of the venues' clocks, over the last two weeks.
with

devices_hourly as (

    select * from {{ ref('entity_devices_hourly') }}
    where business_date <= {{ as_of_date() }} - 1

)

select
    business_date,
    local_hour,
    country,
    device_type,
    extract(isodow from business_date)::integer as day_of_week,
    to_char(business_date, 'ID Dy') as weekday,
    to_char(business_date, 'YYYY-MM') as period,
    {{ as_of_date_once() }} - business_date as days_ago,
    -- the business day begins at six; its hours after midnight are counted on
    to_char((local_hour + 18) % 24 + 6, 'FM00') as business_hour,
    count(*) as device_hours,
    sum(expected_heartbeats) as expected_heartbeats,
    sum(received_heartbeats) as received_heartbeats,
    sum(pours) as pours,
    sum(volume_l) as volume_l,
    count(is_temp_out_of_range) as temperature_hours,
    count(*) filter (where is_temp_out_of_range) as warm_hours,
    sum(error_count) as errors,
    sum(alert_count) as alerts
from devices_hourly
group by business_date, local_hour, country, device_type
