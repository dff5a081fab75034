-- A day whose hours are all there adds up to the platform's own sums of the day.
with

hours as (

    select
        business_date as date,
        device_id,
        sum(expected_heartbeats) as expected_heartbeats,
        sum(received_heartbeats) as received_heartbeats,
        sum(expected_heartbeats) filter (where is_venue_open)
            as open_expected_heartbeats,
        sum(pours) as pours
    from {{ ref('entity_devices_hourly') }}
    group by business_date, device_id

)

select
    days.date,
    days.device_id
from {{ ref('entity_devices_daily') }} as days
inner join hours
    on
        days.device_id = hours.device_id
        and days.date = hours.date
        and days.expected_heartbeats = hours.expected_heartbeats
where
    days.received_heartbeats <> hours.received_heartbeats
    or days.open_expected_heartbeats <> coalesce(hours.open_expected_heartbeats, 0)
    or days.pours < hours.pours
