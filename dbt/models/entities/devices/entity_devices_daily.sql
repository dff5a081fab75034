{{ config(
    materialized='incremental',
    incremental_strategy='by_cell',
    unique_key=['device_id', 'date'],
    cells_from='int_devices__day_changes',
    also_cells='moved_device_days',
    keep_days=['date', 395],
    indexes=[
        {'columns': ['device_id', 'date'], 'unique': true},
        {'columns': [
            'date', 'expected_heartbeats', 'received_heartbeats',
            'open_expected_heartbeats', 'open_received_heartbeats'
        ]}
    ]
) }}

-- depends_on: {{ ref('int_devices__changes') }}, {{ ref('int_devices__assignments') }}

{%- set day_key = ['device_id', 'date'] -%}
{#- days a row of which could be kept -#}
{%- set first_kept = as_of_date_once() ~ ' - 396' -%}
{%- set last_kept = as_of_date_once() ~ ' + 1' %}

-- One row a customer's device and local business day, 06:00 to 06:00, for 13 months.
with

readings as (

    select *
    from {{ rows_of_changed_cells(
        'int_devices__day_changes', ref('int_devices__daily'), day_key
    ) }}
    where {{ is_kept() }}

),

outages as (

    select * from {{ ref('int_devices__outages') }}

),

alerts as (

    select * from {{ ref('int_devices__alerts') }}

),

work_orders as (

    select * from {{ ref('int_devices__work_orders') }}

),

-- what happened on each day of a silence; a row a silence and day
outage_days as (

    select
        outages.device_id,
        days.date,
        outages.cause,
        outages.started_at,
        coalesce(outages.ended_at, {{ as_of() }}) as ended_at,
        days.date = outages.outage_date as is_first_day
    from outages
    cross join lateral (
        {{ days_to_build(
            'device_id',
            'outages.device_id',
            'greatest(outages.outage_date, ' ~ first_kept ~ ')',
            'coalesce(outages.last_date, ' ~ last_kept ~ ')'
        ) }}
    ) as days

),

silences as (

    select
        readings.device_id,
        readings.date,
        (count(*) filter (where outage_days.is_first_day))::integer as outages,
        (count(*) filter (
            where outage_days.is_first_day and outage_days.cause = 'failure'
        ))::integer as failures,
        (count(*) filter (
            where outage_days.is_first_day and outage_days.cause = 'site'
        ))::integer as site_outages,
        coalesce(bool_or(outage_days.cause = 'failure'), false) as is_failed,
        coalesce(
            sum(
                extract(
                    epoch from
                    least(
                        outage_days.ended_at,
                        {{ business_day_start(
                            'readings.date + 1', 'readings.timezone'
                        ) }}
                    )
                    - greatest(
                        outage_days.started_at,
                        {{ business_day_start('readings.date', 'readings.timezone') }}
                    )
                ) / 60
            ) filter (where outage_days.cause = 'failure'),
            0
        ) as failure_minutes
    from readings
    inner join outage_days
        on
            readings.device_id = outage_days.device_id
            and readings.date = outage_days.date
    group by readings.device_id, readings.date

),

alert_days as (

    select
        alerts.device_id,
        days.date,
        (count(*) filter (where days.date = alerts.opened_date))::integer
            as alerts_opened,
        (count(*) filter (
            where alerts.closed_date is null or alerts.closed_date > days.date
        ))::integer as alerts_open
    from alerts
    inner join lateral (
        {{ days_to_build(
            'device_id',
            'alerts.device_id',
            'greatest(alerts.opened_date, ' ~ first_kept ~ ')',
            'coalesce(alerts.closed_date, ' ~ last_kept ~ ')'
        ) }}
    ) as days on true
    group by alerts.device_id, days.date

),

order_days as (

    select
        work_orders.device_id,
        days.date,
        (count(*) filter (where days.date = work_orders.opened_date))::integer
            as work_orders_opened,
        (count(*) filter (where days.date = work_orders.closed_date))::integer
            as work_orders_closed,
        (count(*) filter (
            where work_orders.is_open or work_orders.closed_date > days.date
        ))::integer as work_orders_open,
        (count(*) filter (
            where
            days.date = work_orders.closed_date
            and work_orders.work_order_type = 'repair'
        ))::integer as repairs_closed,
        coalesce(
            sum(work_orders.repair_minutes) filter (
                where days.date = work_orders.closed_date
            ),
            0
        )::integer as repair_minutes,
        coalesce(
            sum(work_orders.parts_cost_usd) filter (
                where days.date = work_orders.closed_date
            ),
            0
        ) as maintenance_cost_usd
    from work_orders
    inner join lateral (
        {{ days_to_build(
            'device_id',
            'work_orders.device_id',
            'greatest(work_orders.opened_date, ' ~ first_kept ~ ')',
            'coalesce(work_orders.closed_date, '
            ~ 'case when work_orders.is_open then ' ~ last_kept ~ ' end, '
            ~ 'work_orders.opened_date)'
        ) }}
    ) as days on true
    group by work_orders.device_id, days.date

),

final as (

    select
        -- keys
        readings.date,
        readings.device_id,
        readings.location_id,
        readings.account_id,
        readings.country,

        -- device
        readings.device_type,
        readings.device_model as model,
        readings.firmware_version,
        readings.age_days,

        -- heartbeats, one a minute
        readings.expected_heartbeats,
        readings.received_heartbeats,
        readings.open_expected_heartbeats,
        readings.open_received_heartbeats,
        readings.uptime_pct::numeric(9, 6) as uptime_pct,
        readings.uptime_open_hours_pct::numeric(9, 6) as uptime_open_hours_pct,
        readings.downtime_minutes,
        readings.open_downtime_minutes as downtime_open_hours_minutes,

        -- silences and failures
        coalesce(silences.outages, 0) as outages,
        coalesce(silences.site_outages, 0) as site_outages,
        coalesce(silences.failures, 0) as failures,
        coalesce(silences.is_failed, false) as is_failed,
        (
            (
                readings.expected_heartbeats
                - least(
                    coalesce(silences.failure_minutes, 0), readings.expected_heartbeats
                )
            ) / 60.0
        )::numeric(9, 4) as operating_hours,

        -- pours
        readings.pours,
        readings.volume_l::numeric(12, 3) as volume_l,
        readings.peak_hour,

        -- readings
        readings.avg_temp_c::numeric(6, 2) as avg_temp_c,
        readings.temp_out_of_range_minutes,
        readings.sensor_fault,
        readings.avg_pressure_psi::numeric(6, 2) as avg_pressure_psi,
        readings.avg_rssi_dbm,
        readings.error_count,

        -- alerts at the day's end, and what was opened on it
        coalesce(alert_days.alerts_opened, 0) as alerts_opened,
        coalesce(alert_days.alerts_open, 0) as alerts_open,

        -- field service
        coalesce(order_days.work_orders_opened, 0) as work_orders_opened,
        coalesce(order_days.work_orders_closed, 0) as work_orders_closed,
        coalesce(order_days.work_orders_open, 0) as work_orders_open,
        coalesce(order_days.repairs_closed, 0) as repairs_closed,
        coalesce(order_days.repair_minutes, 0) as repair_minutes,
        coalesce(order_days.maintenance_cost_usd, 0)::numeric(18, 6)
            as maintenance_cost_usd,
        coalesce(readings.days_since_line_cleaning = 0, false) as line_cleaned,
        readings.days_since_line_cleaning,

        -- health
        readings.device_health_score::numeric(5, 2) as device_health_score,
        {{ score_band('readings.device_health_score') }} as device_health_band
    from readings
    left join silences
        on
            readings.device_id = silences.device_id
            and readings.date = silences.date
    left join alert_days
        on
            readings.device_id = alert_days.device_id
            and readings.date = alert_days.date
    left join order_days
        on
            readings.device_id = order_days.device_id
            and readings.date = order_days.date

)

select * from final
