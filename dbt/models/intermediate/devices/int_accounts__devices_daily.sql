{{ config(
    materialized='incremental',
    incremental_strategy='by_cell',
    unique_key=['account_id', 'date'],
    cells_from='int_accounts__device_day_changes',
    also_cells='new_account_device_days',
    indexes=[
        {'columns': ['account_id', 'date'], 'unique': true},
        {'columns': ['date']}
    ]
) }}

-- depends_on: {{ ref('int_accounts__identity') }}

-- One row an account and UTC day at whose end it had a device in service. How many
-- devices there were, and were heard, is so at the day's end; heartbeats and health are
-- those of the local business day that ended during the day, because it is over in
-- every zone.
with

assignments as (

    select * from {{ ref('int_devices__assignments') }}

),

days as (

    select * from {{ ref('int_calendar__days') }}
    where date >= {{ course_start() }} and date <= {{ as_of_date() }}

),

outages as (

    select * from {{ ref('int_devices__outages') }}

),

readings as (

    select
        *,
        date + 1 as date_closed
    from {{ ref('int_devices__daily') }}
    {% if is_incremental() %}
    where date >= (select min(cells.date) - 1 from {{ cells_table() }} as cells)
    {% endif %}

),

{% if is_incremental() -%}
cells as (

    select * from {{ cells_table() }}

),

{% endif -%}
in_service as (

    select
        assignments.account_id,
        days.date,
        count(*)::integer as device_count
    from assignments
    {% if is_incremental() -%}
    inner join cells on assignments.account_id = cells.account_id
    {% endif -%}
    inner join days
        on
            days.date >= {{ first_day_shown('assignments.valid_from') }}
            and days.date < {{ first_day_shown('assignments.valid_to') }}
            {% if is_incremental() %} and days.date = cells.date {% endif %}
    group by assignments.account_id, days.date

),

silent as (

    select
        outages.account_id,
        days.date,
        count(distinct outages.device_id) filter (
            where
            outages.ended_at is null
            or days.date < {{ first_day_shown('outages.ended_at') }}
        )::integer as devices_silent,
        count(*) filter (
            where days.date = {{ first_day_shown('outages.started_at') }}
        )::integer as outages
    from outages
    {% if is_incremental() -%}
    inner join cells on outages.account_id = cells.account_id
    {% endif -%}
    inner join days
        on
            days.date >= {{ first_day_shown('outages.started_at') }}
            and days.date <= coalesce(
                {{ first_day_shown('outages.ended_at') }}, {{ as_of_date() }}
            )
            {% if is_incremental() %} and days.date = cells.date {% endif %}
    group by outages.account_id, days.date

),

measured as (

    select
        account_id,
        date_closed as date,
        sum(expected_heartbeats)::integer as expected_heartbeats,
        sum(received_heartbeats)::integer as received_heartbeats,
        sum(open_expected_heartbeats)::integer as open_expected_heartbeats,
        sum(open_received_heartbeats)::integer as open_received_heartbeats,
        round(avg(device_health_score), 2) as device_health_score
    from readings
    where
        {{ only_changed_cells(
            'int_accounts__device_day_changes', ['account_id', 'date_closed']
        ) }}
    group by account_id, date_closed

)

select
    in_service.account_id,
    in_service.date,
    in_service.device_count,
    in_service.device_count - coalesce(silent.devices_silent, 0) as devices_online,
    coalesce(silent.outages, 0) as outages,
    measured.expected_heartbeats,
    measured.received_heartbeats,
    measured.open_expected_heartbeats,
    measured.open_received_heartbeats,
    round(
        1.0 * measured.received_heartbeats / nullif(measured.expected_heartbeats, 0), 6
    ) as device_uptime_pct,
    round(
        1.0 * measured.open_received_heartbeats
        / nullif(measured.open_expected_heartbeats, 0),
        6
    ) as device_open_uptime_pct,
    measured.device_health_score
from in_service
left join silent
    on
        in_service.account_id = silent.account_id
        and in_service.date = silent.date
left join measured
    on
        in_service.account_id = measured.account_id
        and in_service.date = measured.date
