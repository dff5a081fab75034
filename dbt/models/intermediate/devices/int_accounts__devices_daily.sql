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

-- depends_on: {{ ref('int_accounts__identity') }}, {{ ref('int_calendar__days') }}

-- One row an account and UTC day at whose end it had a device in service. How many
-- devices there were, and were heard, is so at the day's end; heartbeats and health are
-- those of the local business day that ended during the day, because it is over in
-- every zone.
with

assignments as (

    select * from {{ ref('int_devices__assignments') }}

),

outages as (

    select * from {{ ref('int_devices__outages') }}

),

readings as (

    select
        *,
        date + 1 as date_closed
    from {{ rows_of_changed_cells(
        'int_accounts__device_day_changes',
        ref('int_devices__daily'),
        {'account_id': 'cells.account_id', 'date': 'cells.date - 1'}
    ) }}

),

service_spans as (

    select
        account_id,
        greatest({{ first_day_shown('valid_from') }}, {{ course_start() }})
            as first_date,
        least({{ first_day_shown('valid_to') }} - 1, {{ as_of_date_once() }})
            as last_date
    from assignments

),

-- a row a device in service and day; each device brings its own days, since a join by
-- two bounds would compare all of them with all days
service_days as (

    select
        service_spans.account_id,
        days.date
    from service_spans
    cross join lateral (
        {{ days_to_build(
            'account_id',
            'service_spans.account_id',
            'service_spans.first_date',
            'service_spans.last_date'
        ) }}
    ) as days

),

in_service as (

    select
        account_id,
        date,
        count(*)::integer as device_count
    from service_days
    group by account_id, date

),

silences as (

    select
        account_id,
        device_id,
        {{ first_day_shown('started_at') }} as started_on,
        {{ first_day_shown('ended_at') }} as ended_on,
        greatest({{ first_day_shown('started_at') }}, {{ course_start() }})
            as first_date,
        least({{ first_day_shown('ended_at') }}, {{ as_of_date_once() }})
            as last_date
    from outages

),

silent_days as (

    select
        silences.account_id,
        silences.device_id,
        days.date,
        coalesce(days.date < silences.ended_on, true) as is_silent,
        days.date = silences.started_on as is_first_day
    from silences
    cross join lateral (
        {{ days_to_build(
            'account_id',
            'silences.account_id',
            'silences.first_date',
            'silences.last_date'
        ) }}
    ) as days

),

silent as (

    select
        account_id,
        date,
        count(distinct device_id) filter (where is_silent)::integer as devices_silent,
        count(*) filter (where is_first_day)::integer as outages
    from silent_days
    group by account_id, date

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
