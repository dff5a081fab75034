-- As known at any midnight of the last 60 days and month-ends, a device has one
-- version.
with

midnights as (

    select {{ day_end('date') }} as midnight
    from {{ ref('int_calendar__days') }}
    where
        date >= {{ course_start() }}
        and (is_month_end or date > {{ as_of_date() }} - 60)

),

seen as (

    select
        midnights.midnight,
        history.device_id,
        count(*) as versions
    from midnights
    inner join {{ ref('entity_devices_history') }} as history
        on
            history.recorded_at < midnights.midnight
            and history.superseded_at >= midnights.midnight
            and history.valid_from <= midnights.midnight
            and history.valid_to > midnights.midnight
    group by midnights.midnight, history.device_id

)

select
    midnight,
    device_id
from seen
where versions > 1
