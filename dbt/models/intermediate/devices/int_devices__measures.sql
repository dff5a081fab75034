{{ config(indexes=[{'columns': ['device_id'], 'unique': true}]) }}

-- What a device has done lately and in its life, one row a device: the last 24 hours
-- from its hourly reports, the last 7 and 30 business days from its days, its failures
-- and repairs since it was installed. Only the days and hours of those windows are
-- read.
with

attributes as (

    select * from {{ ref('int_devices__attributes') }}

),

assignments as (

    select * from {{ ref('int_devices__assignments') }}

),

days as (

    select * from {{ ref('int_devices__daily') }}
    where date > {{ as_of_date() }} - 30

),

hours as (

    select * from {{ ref('int_devices__hourly') }}
    where
        hour_at >= {{ as_of() }} - interval '24 hours'
        and hour_at < {{ as_of() }}

),

outages as (

    select * from {{ ref('int_devices__outages') }}

),

work_orders as (

    select * from {{ ref('int_devices__work_orders') }}

),

updates as (

    select
        device_id,
        count(*)::integer as firmware_updates,
        (count(*) filter (where rollout_result <> 'success'))::integer
            as failed_firmware_updates
    from {{ ref('stg_iot__firmware_rollout') }}
    where started_at < {{ as_of() }}
    group by device_id

),

errors as (

    select * from {{ ref('stg_iot__device_event') }}
    where event_type = 'error'

),

last_24h as (

    select
        device_id,
        sum(expected_heartbeats) as expected_heartbeats,
        sum(received_heartbeats) as received_heartbeats,
        sum(pours)::integer as pours,
        round(avg(avg_temp_c)::numeric, 2) as avg_temp_c,
        (count(*) filter (where avg_temp_c > 7))::integer as hours_out_of_range,
        round(avg(avg_pressure_psi)::numeric, 2) as avg_pressure_psi,
        max(hour_at + interval '1 hour') filter (where received_heartbeats > 0)
            as last_heard_at
    from hours
    group by device_id

),

last_days as (

    select
        device_id,
        sum(expected_heartbeats) filter (where date > {{ as_of_date_once() }} - 7)
            as expected_7d,
        sum(received_heartbeats) filter (where date > {{ as_of_date_once() }} - 7)
            as received_7d,
        sum(expected_heartbeats) as expected_30d,
        sum(received_heartbeats) as received_30d,
        sum(open_expected_heartbeats) as open_expected_30d,
        sum(open_received_heartbeats) as open_received_30d,
        sum(downtime_minutes)::integer as downtime_minutes_30d,
        sum(open_downtime_minutes)::integer as open_downtime_minutes_30d,
        sum(pours)::integer as pours_30d,
        sum(volume_l) as volume_l_30d,
        (sum(error_count) filter (where date > {{ as_of_date_once() }} - 7))::integer
            as error_count_7d,
        sum(error_count)::integer as error_count_30d,
        round(
            avg(device_health_score) filter (where date > {{ as_of_date_once() }} - 7),
            2
        ) as device_health_score,
        max(last_cleaning_at) as last_cleaning_at
    from days
    group by device_id

),

newest_days as (

    {{ one_of('days', ['device_id'], 'date desc', 'true') }}

),

service as (

    select
        device_id,
        sum(
            extract(
                epoch from least(valid_to, {{ as_of() }}) - valid_from
            ) / 3600
        ) as service_hours
    from assignments
    group by device_id

),

failures as (

    select
        device_id,
        (count(*) filter (where cause = 'failure'))::integer as failures,
        coalesce(
            sum(
                extract(
                    epoch from coalesce(ended_at, {{ as_of() }}) - started_at
                ) / 3600
            ) filter (where cause = 'failure'),
            0
        ) as failed_hours,
        (count(*) filter (
            where started_at >= {{ as_of() }} - interval '30 days'
        ))::integer as outages_30d
    from outages
    group by device_id

),

orders as (

    select
        device_id,
        (count(*) filter (where repair_minutes is not null))::integer as repairs,
        sum(repair_minutes) as repair_minutes,
        avg(extract(epoch from arrived_at - opened_at) / 3600) filter (
            where repair_minutes is not null
        ) as hours_to_arrival,
        max(closed_at) as last_maintenance_at,
        min(opened_at) filter (where is_open and work_order_type = 'repair')
            as oldest_open_repair_at,
        coalesce(
            sum(parts_cost_usd) filter (
                where closed_at >= {{ as_of() }} - interval '365 days'
            ),
            0
        ) as maintenance_cost_12m_usd
    from work_orders
    group by device_id

),

newest_repairs as (

    {{ one_of(
        'work_orders', ['device_id'], 'closed_at desc, work_order_id',
        'repair_minutes is not null'
    ) }}

),

newest_errors as (

    {{ one_of('errors', ['device_id'], 'event_at desc, device_event_id', 'true') }}

)

select
    attributes.device_id,

    -- the last 24 hours
    round(
        1.0 * last_24h.received_heartbeats / nullif(last_24h.expected_heartbeats, 0), 6
    ) as uptime_24h,
    last_24h.pours as pours_24h,
    last_24h.avg_temp_c as avg_temp_c_24h,
    last_24h.hours_out_of_range as temp_out_of_range_hours_24h,
    last_24h.avg_pressure_psi as avg_pressure_psi_24h,
    case
        when attributes.connectivity_status = 'offline' then attributes.silent_since
        when attributes.connectivity_status = 'out_of_service'
            then attributes.last_known_sign_at
        else
            least(
                coalesce(last_24h.last_heard_at, attributes.last_known_sign_at),
                {{ as_of() }}
            )
    end as last_seen_at,

    -- the last 7 and 30 days
    round(1.0 * last_days.received_7d / nullif(last_days.expected_7d, 0), 6)
        as uptime_7d,
    round(1.0 * last_days.received_30d / nullif(last_days.expected_30d, 0), 6)
        as uptime_30d,
    round(1.0 * last_days.open_received_30d / nullif(last_days.open_expected_30d, 0), 6)
        as uptime_30d_open_hours,
    coalesce(last_days.downtime_minutes_30d, 0) as downtime_minutes_30d,
    coalesce(last_days.open_downtime_minutes_30d, 0) as open_downtime_minutes_30d,
    coalesce(failures.outages_30d, 0) as outages_30d,
    last_days.pours_30d,
    last_days.volume_l_30d,
    coalesce(last_days.error_count_7d, 0) as error_count_7d,
    coalesce(last_days.error_count_30d, 0) as error_count_30d,
    newest_days.sensor_fault,
    last_days.device_health_score,
    last_days.last_cleaning_at,

    -- its life
    coalesce(failures.failures, 0) as failures_lifetime,
    round(service.service_hours - coalesce(failures.failed_hours, 0), 4)
        as operating_hours_lifetime,
    coalesce(orders.repairs, 0) as repairs_lifetime,
    round(orders.repair_minutes / 60.0, 4) as repair_hours_lifetime,
    round(orders.hours_to_arrival::numeric, 4) as repair_hours_to_arrival,
    newest_repairs.root_cause as last_repair_cause,
    coalesce(updates.firmware_updates, 0) as firmware_updates_lifetime,
    coalesce(updates.failed_firmware_updates, 0) as failed_firmware_updates_lifetime,
    orders.last_maintenance_at,
    orders.oldest_open_repair_at,
    coalesce(orders.maintenance_cost_12m_usd, 0) as maintenance_cost_12m_usd,
    newest_errors.event_code as last_error_code,
    newest_errors.event_at as last_error_at
from attributes
left join last_24h on attributes.device_id = last_24h.device_id
left join last_days on attributes.device_id = last_days.device_id
left join newest_days on attributes.device_id = newest_days.device_id
left join service on attributes.device_id = service.device_id
left join failures on attributes.device_id = failures.device_id
left join orders on attributes.device_id = orders.device_id
left join newest_repairs on attributes.device_id = newest_repairs.device_id
left join updates on attributes.device_id = updates.device_id
left join newest_errors on attributes.device_id = newest_errors.device_id
