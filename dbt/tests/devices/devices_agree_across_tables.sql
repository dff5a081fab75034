-- Columns marked same_as_history equal the current version; rates over a window are
-- those of the window's days.
{%- set in_history = columns_marked('entity_devices', 'same_as_history') %}

with

windows as (

    select
        device_id,
        round(
            1.0 * sum(received_heartbeats) / nullif(sum(expected_heartbeats), 0), 6
        ) as uptime_30d,
        sum(downtime_minutes) as downtime_minutes_30d,
        round(
            avg(device_health_score) filter (where date > {{ as_of_date() }} - 7), 2
        ) as device_health_score
    from {{ ref('entity_devices_daily') }}
    where date > {{ as_of_date() }} - 30
    group by device_id

)

select devices.device_id
from {{ ref('entity_devices') }} as devices
left join {{ ref('entity_devices_history') }} as history
    on devices.device_id = history.device_id and history.is_current
left join windows on devices.device_id = windows.device_id
where
    history.device_id is null
    {%- for column in in_history %}
    or devices.{{ column }} is distinct from history.{{ column }}
    {%- endfor %}
    or devices.uptime_30d is distinct from windows.uptime_30d
    or devices.downtime_minutes_30d <> coalesce(windows.downtime_minutes_30d, 0)
    -- a score of hundredths, averaged: the last digit may fall either way
    or abs(devices.device_health_score - windows.device_health_score) > 0.01
