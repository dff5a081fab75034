-- A device in service has a row for each business day; no row comes later than eight
-- days.
with

service as (

    select
        assignments.device_id,
        days.date
    from {{ ref('int_devices__assignments') }} as assignments
    inner join {{ ref('int_calendar__days') }} as days
        on
            days.date >= assignments.first_day
            and days.date <= assignments.last_day
    where
        days.date <= {{ as_of_date() }} - 10
        -- the source keeps 13 months, by delivery
        and days.date > (
            select min(oldest.date) + 10
            from {{ ref('entity_devices_daily') }} as oldest
        )

)

select
    service.device_id,
    service.date
from service
left join {{ ref('entity_devices_daily') }} as built
    on service.device_id = built.device_id and service.date = built.date
where built.device_id is null
