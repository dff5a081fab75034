{{ config(
    materialized='incremental',
    incremental_strategy='by_cell',
    unique_key=['location_id', 'date'],
    cells_from='int_locations__day_changes',
    keep_days=['date', 392],
    indexes=[
        {'columns': ['location_id', 'date'], 'unique': true},
        {'columns': ['date']}
    ]
) }}

-- What all devices of a venue reported of a business day, together. The platform keeps
-- thirteen months of it.
with

device_days as (

    select *
    from {{ rows_of_changed_cells(
        'int_locations__day_changes',
        ref('int_devices__daily'),
        ['location_id', 'date']
    ) }}

),

assignments as (

    select * from {{ ref('int_devices__assignments') }}
    where device_type = 'flow_monitor'

),

ranked as (

    select
        device_days.*,
        row_number() over (
            partition by location_id, date
            order by pours desc nulls last, peak_hour asc, device_id asc
        ) as busiest
    from device_days

),

summed as (

    select
        location_id,
        date,
        count(*) as devices_reporting,
        count(*) filter (where device_type = 'flow_monitor') as monitors_reporting,
        sum(expected_heartbeats) as expected_heartbeats,
        sum(received_heartbeats) as received_heartbeats,
        sum(open_expected_heartbeats) as open_expected_heartbeats,
        sum(open_received_heartbeats) as open_received_heartbeats,
        sum(pours) as pours,
        sum(volume_l) as volume_l,
        max(peak_hour) filter (where busiest = 1 and pours > 0) as peak_hour,
        avg(avg_temp_c) as avg_temp_c,
        sum(temp_out_of_range_minutes) as temp_out_of_range_minutes,
        count(temp_out_of_range_minutes) as temp_sensors,
        sum(error_count) as error_count,
        min(days_since_line_cleaning) as days_since_line_cleaning,
        avg(device_health_score) as device_health_score
    from ranked
    group by location_id, date

),

in_service as (

    select
        summed.location_id,
        summed.date,
        count(*) as monitors
    from summed
    inner join assignments
        on
            summed.location_id = assignments.location_id
            and summed.date >= assignments.first_day
            and summed.date <= assignments.last_day
    group by summed.location_id, summed.date

),

final as (

    select
        summed.location_id,
        summed.date,
        summed.devices_reporting::int as devices_reporting,
        coalesce(in_service.monitors, 0) = summed.monitors_reporting as is_complete,
        summed.expected_heartbeats::int as expected_heartbeats,
        summed.received_heartbeats::int as received_heartbeats,
        summed.open_expected_heartbeats::int as open_expected_heartbeats,
        summed.open_received_heartbeats::int as open_received_heartbeats,
        summed.pours::int as pours,
        round(summed.volume_l::numeric, 3) as volume_l,
        summed.peak_hour,
        round(summed.avg_temp_c::numeric, 2) as avg_temp_c,
        summed.temp_out_of_range_minutes::int as temp_out_of_range_minutes,
        summed.temp_sensors::int as temp_sensors,
        summed.error_count::int as error_count,
        summed.days_since_line_cleaning::int as days_since_line_cleaning,
        round(summed.device_health_score::numeric, 2) as device_health_score
    from summed
    left join in_service
        on summed.location_id = in_service.location_id and summed.date = in_service.date

)

select * from final
where {{ is_kept() }}
