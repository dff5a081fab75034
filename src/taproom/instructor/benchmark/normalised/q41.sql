with

places as (

    select distinct on (device_id)
        device_id,
        device_model,
        country,
        installed_at,
        removed_at
    from placed_devices
    order by device_id asc, installed_at desc

),

-- the platform notes when a device falls silent and when it is heard again
silent as (

    select places.device_id
    from places
    inner join staging.stg_iot__device_event as events
        on
            places.device_id = events.device_id
            and events.event_at >= places.installed_at
    where places.removed_at is null and events.event_type in ('offline', 'online')
    group by places.device_id
    having sum(case events.event_type when 'offline' then 1 else -1 end) > 0

)

select
    places.country,
    places.device_model as model,
    count(silent.device_id) as devices_offline,
    count(*) as devices_in_service
from places
left join silent on places.device_id = silent.device_id
where places.removed_at is null
group by places.country, places.device_model
having count(silent.device_id) > 0
order by devices_offline desc, places.country asc, model asc
