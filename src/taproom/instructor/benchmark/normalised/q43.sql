with

-- what was noted belongs to the service that had begun, a silence began ten minutes ago
signs as (

    select distinct on (events.device_event_id)
        placed.device_id,
        placed.timezone,
        placed.installed_at,
        placed.removed_at,
        events.device_event_id,
        events.severity,
        case
            when events.event_type = 'offline'
                then events.event_at - interval '10 minutes'
            else events.event_at
        end as signed_at,
        case events.event_type when 'offline' then 1 else -1 end as step
    from staging.stg_iot__device_event as events
    inner join placed_devices as placed
        on
            events.device_id = placed.device_id
            and events.event_at >= placed.installed_at
    where events.event_type in ('online', 'offline')
    order by events.device_event_id asc, placed.installed_at desc

),

depths as (

    select
        signs.*,
        sum(step) over in_order as depth
    from signs
    window
        in_order as (
            partition by device_id, installed_at
            order by signed_at asc, step desc, device_event_id asc
            rows between unbounded preceding and current row
        )

),

numbered as (

    select
        depths.*,
        count(*) filter (where step = 1 and depth = 1) over (
            partition by device_id, installed_at
            order by signed_at asc, step desc, device_event_id asc
            rows between unbounded preceding and current row
        ) as silence_no
    from depths

),

silences as (

    select
        device_id,
        timezone,
        min(signed_at) as started_at,
        least(min(signed_at) filter (where step = -1 and depth = 0), removed_at)
            as ended_at
    from numbered
    where silence_no > 0
    group by device_id, timezone, installed_at, removed_at, silence_no
    having bool_or(step = 1 and severity = 'major')

),

failures as (

    select
        device_id,
        started_at,
        coalesce(ended_at, (select clock.as_of from ops.clock as clock)) as ended_at,
        ((started_at at time zone timezone) - interval '6 hours')::date as first_date,
        coalesce(
            (
                (ended_at - interval '1 microsecond') at time zone timezone
                - interval '6 hours'
            )::date,
            as_of_date() + 1
        ) as last_date
    from silences
    where ended_at is null or ended_at > started_at

),

readings as (

    select
        telemetry.device_id,
        telemetry.business_date as date,
        placed.device_model as model,
        telemetry.expected_heartbeats,
        (telemetry.business_date + time '06:00') at time zone placed.timezone
            as starts_at,
        (telemetry.business_date + 1 + time '06:00') at time zone placed.timezone
            as ends_at
    from staging.stg_iot__device_telemetry_daily as telemetry
    inner join placed_devices as placed
        on
            telemetry.device_id = placed.device_id
            and telemetry.business_date between placed.first_day and placed.last_day
    where
        telemetry.business_date
        >= (date_trunc('month', as_of_date() + 1) - interval '12 months')::date
        and telemetry.business_date < date_trunc('month', as_of_date() + 1)::date

),

failed_days as (

    select
        readings.device_id,
        readings.date,
        readings.model,
        readings.expected_heartbeats,
        count(*) filter (where readings.date = failures.first_date) as failures,
        sum(
            extract(
                epoch from least(failures.ended_at, readings.ends_at)
                - greatest(failures.started_at, readings.starts_at)
            ) / 60
        ) as failure_minutes
    from failures
    inner join readings
        on
            failures.device_id = readings.device_id
            and readings.date between failures.first_date and failures.last_date
    group by
        readings.device_id, readings.date, readings.model, readings.expected_heartbeats

),

places as (

    select distinct on (device_id)
        device_id,
        timezone
    from placed_devices
    order by device_id asc, installed_at desc

),

repairs as (

    select
        readings.model,
        count(*) as repairs_closed,
        sum(
            case
                when orders.work_order_status = 'closed'
                    then
                        round(
                            (
                                extract(
                                    epoch from orders.closed_at - orders.opened_at
                                ) / 60
                            )::numeric
                        )
            end
        ) as repair_minutes
    from staging.stg_iot__work_order as orders
    inner join places on orders.device_id = places.device_id
    inner join readings
        on
            orders.device_id = readings.device_id
            and (
                (orders.closed_at at time zone places.timezone) - interval '6 hours'
            )::date = readings.date
    where orders.work_order_type = 'repair'
    group by readings.model

),

by_model as (

    select
        model,
        sum(expected_heartbeats) / 60.0 as service_hours
    from readings
    group by model

),

failed_by_model as (

    select
        model,
        sum(failures) as failures,
        sum(least(failure_minutes, expected_heartbeats)) / 60.0 as failed_hours
    from failed_days
    group by model

)

select
    by_model.model,
    coalesce(failed_by_model.failures, 0)::bigint as failures,
    round(
        (by_model.service_hours - coalesce(failed_by_model.failed_hours, 0))
        / nullif(failed_by_model.failures, 0),
        0
    ) as mtbf_hours,
    coalesce(repairs.repairs_closed, 0)::bigint as repairs_closed,
    round(repairs.repair_minutes / 60.0 / nullif(repairs.repairs_closed, 0), 1)
        as mttr_hours
from by_model
left join failed_by_model on by_model.model = failed_by_model.model
left join repairs on by_model.model = repairs.model
order by by_model.model
