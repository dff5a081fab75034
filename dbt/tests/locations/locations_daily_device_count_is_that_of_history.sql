-- What history says of the end of a business day, the day's row says too.
select
    days.location_id,
    days.date
from {{ ref('entity_locations_daily') }} as days
inner join {{ ref('int_calendar__business_days') }} as business_days
    on days.timezone = business_days.timezone and days.date = business_days.date
left join {{ ref('entity_locations_history') }} as history
    on
        days.location_id = history.location_id
        and history.superseded_at = {{ far_future() }}
        and business_days.ends_at >= history.valid_from
        and business_days.ends_at < history.valid_to
where
    history.location_id is null
    or days.device_count <> history.device_count
    or days.tap_count <> history.tap_count
