{{ config(
    materialized='incremental',
    incremental_strategy='by_cell',
    unique_key=['location_id', 'date'],
    cells_from='int_locations__day_changes',
    indexes=[
        {'columns': ['location_id', 'date'], 'unique': true}
    ]
) }}

-- Business days of venues on which a device was silent for an hour or more, and what
-- the venue usually takes on draft beer in the hours a flow monitor was: the estimate
-- of what an outage puts at stake.
with

venues as (

    select * from {{ ref('int_locations__attributes') }}

),

timetables as (

    select * from {{ ref('int_locations__opening_hours') }}

),

business_days as (

    select * from {{ ref('int_calendar__business_days') }}
    where date >= {{ course_start() }}

),

outages as (

    select * from {{ ref('int_devices__outages') }}

),

assignments as (

    select * from {{ ref('int_devices__assignments') }}

),

monitors as (

    select * from {{ ref('int_devices__assignments') }}
    where device_type = 'flow_monitor'

),

devices as (

    select * from {{ ref('stg_iot__device') }}

),

usual_sales as (

    select * from {{ ref('stg_pos__location_daily_sales') }}

),

usual_rates as (

    select * from {{ ref('int_finance__fx_daily') }}

),

-- the venue's business days that an outage lies on, with its opening hours as instants
outage_days as (

    select
        venues.location_id,
        venues.till_code,
        venues.currency,
        business_days.date,
        outages.device_id,
        assignments.device_type = 'flow_monitor' as is_monitor,
        -- revision C keeps what it measures while it has no network, and sends it later
        devices.hardware_revision = 'C' and outages.cause <> 'failure' as is_kept,
        coalesce(outages.ended_at, assignments.valid_to) >= business_days.ends_at
        and assignments.valid_to > business_days.ends_at as is_silent_at_end,
        timetables.open_hours,
        greatest(outages.started_at, business_days.starts_at) as silent_from,
        least(coalesce(outages.ended_at, business_days.ends_at), business_days.ends_at)
            as silent_to,
        (
            business_days.date + timetables.opens_minute * interval '1 minute'
        ) at time zone venues.timezone as opens_at,
        (
            business_days.date + timetables.closes_minute * interval '1 minute'
        ) at time zone venues.timezone as closes_at
    from outages
    inner join assignments
        on
            outages.device_id = assignments.device_id
            and outages.started_at >= assignments.valid_from
            and outages.started_at < assignments.valid_to
    inner join devices on outages.device_id = devices.device_id
    inner join venues on outages.location_id = venues.location_id
    inner join business_days
        on
            venues.timezone = business_days.timezone
            and business_days.ends_at > outages.started_at
            and (
                outages.ended_at is null
                or business_days.starts_at < outages.ended_at
            )
    inner join timetables
        on
            venues.opening_hours = timetables.opening_hours
            and extract(isodow from business_days.date) = timetables.day_of_week
    where
        {{ only_changed_cells(
            'int_locations__day_changes', ['venues.location_id', 'business_days.date']
        ) }}

),

timed as (

    select
        outage_days.*,
        -- least and greatest pass over nulls, and a day off has no opening hours
        case
            when opens_at is null then 0
            else
                greatest(
                    0,
                    extract(
                        epoch from
                        least(silent_to, closes_at) - greatest(silent_from, opens_at)
                    ) / 60.0
                )
        end as open_minutes
    from outage_days

),

measured as (

    select
        location_id,
        till_code,
        currency,
        date,
        open_hours,
        count(distinct case when is_silent_at_end then device_id end)
            as devices_silent_at_end,
        sum(case when is_monitor then open_minutes else 0 end) as open_outage_minutes,
        sum(case when is_monitor and not is_kept then open_minutes else 0 end)
            as unrecorded_minutes
    from timed
    group by location_id, till_code, currency, date, open_hours

),

-- flow monitors in service on the day share its taps evenly
monitors_by_day as (

    select
        measured.location_id,
        measured.date,
        count(distinct monitors.device_id) as flow_monitors
    from measured
    inner join monitors
        on
            measured.location_id = monitors.location_id
            and measured.date >= monitors.first_day
            and measured.date <= monitors.last_day
    group by measured.location_id, measured.date

),

-- what the venue took on draft beer in an open hour of the same weekday before
usual as (

    select
        measured.location_id,
        measured.date,
        count(*) as usual_days,
        avg(usual_sales.draft_sales) / nullif(max(measured.open_hours), 0)
            as usual_draft_local
    from measured
    inner join generate_series(1, {{ usual_weeks() }}) as weeks (back) on true
    inner join usual_sales
        on
            measured.till_code = usual_sales.till_code
            and usual_sales.business_date = measured.date - 7 * weeks.back
    group by measured.location_id, measured.date

),

final as (

    select
        measured.location_id,
        measured.date,
        measured.devices_silent_at_end::int as devices_silent_at_end,
        round(measured.open_outage_minutes)::int as open_outage_minutes,
        round(measured.unrecorded_minutes)::int as unrecorded_minutes,
        -- hours of the whole venue: two monitors of four silent for an hour are half
        -- one
        least(
            measured.open_hours,
            measured.open_outage_minutes
            / 60.0
            / nullif(monitors_by_day.flow_monitors, 0)
        ) as venue_hours_lost,
        case
            when usual.usual_days >= {{ usual_weeks_needed() }}
                then usual.usual_draft_local * usual_rates.rate_to_usd
        end as usual_draft_usd_per_hour
    from measured
    left join monitors_by_day
        on
            measured.location_id = monitors_by_day.location_id
            and measured.date = monitors_by_day.date
    left join usual
        on
            measured.location_id = usual.location_id
            and measured.date = usual.date
    left join usual_rates
        on
            measured.currency = usual_rates.currency
            and measured.date = usual_rates.date

)

select
    location_id,
    date,
    devices_silent_at_end,
    open_outage_minutes,
    unrecorded_minutes,
    round(venue_hours_lost, 6) as venue_hours_lost,
    round(usual_draft_usd_per_hour, 6) as usual_draft_usd_per_hour,
    case
        when open_outage_minutes = 0 then 0
        else round(venue_hours_lost * usual_draft_usd_per_hour, 6)
    end as estimated_lost_revenue_usd
from final
