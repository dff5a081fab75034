{{ config(
    materialized='incremental',
    incremental_strategy='by_cell',
    unique_key=['location_id', 'date'],
    cells_from='int_locations__day_changes',
    also_cells='days_without_telemetry',
    indexes=[
        {'columns': ['location_id', 'date'], 'unique': true},
        {'columns': ['date']}
    ]
) }}

-- One row a venue and local business day that has ended: what it was at the day's end
-- and what happened on the day. A table, because three others read of it what changed:
-- the joins are too many for the planner to begin with the cells.
with

venues as (

    select * from {{ ref('int_locations__attributes') }}

),

business_days as (

    select * from {{ ref('int_calendar__business_days') }}

),

timetables as (

    select * from {{ ref('int_locations__opening_hours') }}

),

holidays as (

    select * from {{ ref('int_calendar__holidays') }}

),

versions as (

    select * from {{ ref('int_locations__versions') }}
    where superseded_at = {{ far_future() }}

),

-- whose customer the venue was when the day began, and what that account was at its end
customers as (

    select * from {{ ref('int_accounts__versions') }}
    where
        superseded_at = {{ far_future() }}
        and customer_status in ('trial', 'active', 'past_due', 'paused')

),

account_versions as (

    select * from {{ ref('int_accounts__versions') }}
    where superseded_at = {{ far_future() }}

),

telemetry as (

    select * from {{ ref('int_locations__telemetry_daily') }}
    where date >= {{ telemetry_from() }}

),

outages as (

    select * from {{ ref('int_locations__outages') }}

),

alerts as (

    select * from {{ ref('int_locations__alerts_daily') }}

),

sales as (

    select * from {{ ref('stg_pos__location_daily_sales') }}

),

rates as (

    select * from {{ ref('int_finance__fx_daily') }}

),

venue_days as (

    select
        venues.location_id,
        venues.account_id,
        business_days.date,
        business_days.starts_at,
        business_days.ends_at,
        venues.till_code,
        venues.location_name,
        venues.venue_type,
        venues.address_city,
        venues.address_region,
        venues.country,
        venues.timezone,
        venues.currency,
        venues.opening_hours,
        extract(isodow from business_days.date)::int as day_of_week
    from venues
    inner join business_days
        on
            venues.timezone = business_days.timezone
            and venues.rows_from <= business_days.date
            and (
                venues.rows_to is null
                or venues.rows_to >= business_days.date
            )
    where
        {{ only_changed_cells(
            'int_locations__day_changes',
            ['venues.location_id', 'business_days.date']
        ) }}

),

joined as (

    select
        venue_days.*,
        account_versions.segment as account_segment,
        account_versions.customer_status,
        account_versions.plan_tier,
        versions.tap_count,
        versions.device_count,
        holidays.date is not null as is_holiday,
        timetables.open_hours,
        telemetry.expected_heartbeats,
        telemetry.received_heartbeats,
        telemetry.open_expected_heartbeats,
        telemetry.open_received_heartbeats,
        telemetry.pours,
        telemetry.volume_l,
        telemetry.peak_hour,
        telemetry.avg_temp_c,
        telemetry.temp_out_of_range_minutes,
        telemetry.temp_sensors,
        telemetry.error_count,
        telemetry.days_since_line_cleaning,
        telemetry.device_health_score,
        greatest(
            versions.device_count - coalesce(outages.devices_silent_at_end, 0), 0
        ) as devices_online,
        coalesce(outages.open_outage_minutes, 0) as open_outage_minutes,
        telemetry.is_complete
        and coalesce(outages.unrecorded_minutes, 0) = 0 as is_fully_measured,
        case
            when outages.date is null then 0
            else outages.estimated_lost_revenue_usd
        end as estimated_lost_revenue_usd,
        coalesce(alerts.alerts_opened, 0) as alerts_opened,
        coalesce(alerts.alerts_open, 0) as alerts_open,
        coalesce(alerts.critical_alerts_open, 0) as critical_alerts_open,
        coalesce(alerts.work_orders_opened, 0) as work_orders_opened,
        coalesce(alerts.work_orders_open, 0) as work_orders_open,
        sales.gross_sales as pos_revenue_local,
        {{ usd('sales.gross_sales', 'rates.rate_to_usd') }} as pos_revenue_usd,
        {{ usd('sales.draft_sales', 'rates.rate_to_usd') }} as draft_revenue_usd,
        sales.draft_units,
        sales.draft_units * sales.serving_ml / 1000.0 as sold_l,
        sales.transaction_count as pos_transactions,
        -- the till writes its venue's wall clock
        sales.exported_local_at at time zone venue_days.timezone as pos_exported_at
    from venue_days
    left join timetables
        on
            venue_days.opening_hours = timetables.opening_hours
            and venue_days.day_of_week = timetables.day_of_week
    left join holidays
        on
            venue_days.country = holidays.country
            and venue_days.date = holidays.date
    left join versions
        on
            venue_days.location_id = versions.location_id
            and venue_days.ends_at >= versions.valid_from
            and venue_days.ends_at < versions.valid_to
    left join account_versions
        on
            venue_days.account_id = account_versions.account_id
            and venue_days.ends_at >= account_versions.valid_from
            and venue_days.ends_at < account_versions.valid_to
    left join telemetry
        on
            venue_days.location_id = telemetry.location_id
            and venue_days.date = telemetry.date
    left join outages
        on
            venue_days.location_id = outages.location_id
            and venue_days.date = outages.date
    left join alerts
        on
            venue_days.location_id = alerts.location_id
            and venue_days.date = alerts.date
    left join customers
        on
            venue_days.account_id = customers.account_id
            and venue_days.starts_at >= customers.valid_from
            and venue_days.starts_at < customers.valid_to
    left join sales
        on
            venue_days.till_code = sales.till_code
            and venue_days.date = sales.business_date
    left join rates
        on venue_days.currency = rates.currency and venue_days.date = rates.date
    -- a refund dates an account's end back; its venues went on for some days
    where
        customers.account_id is not null
        or sales.business_date is not null
        or versions.device_count > 0

),

measured as (

    select
        joined.*,
        coalesce(pours > 0, false) or coalesce(draft_units > 0, false) as is_trading,
        case when is_fully_measured then volume_l - sold_l end as waste_l,
        1.0 * received_heartbeats / nullif(expected_heartbeats, 0) as device_uptime_pct,
        1.0 * open_received_heartbeats / nullif(open_expected_heartbeats, 0)
            as device_uptime_open_hours_pct
    from joined

),

-- Each factor of the health score, 0 to 100; null where nothing is known of it.
-- `limit` keeps the planner from writing each expression out wherever its name stands.
factors as (

    select
        measured.*,
        scores.*
    from measured
    cross join lateral (  -- noqa: ST05
        select
            {{ score_between(
                'coalesce('
                ~ 'measured.device_uptime_open_hours_pct, measured.device_uptime_pct)',
                0.85,
                0.99
            ) }} as uptime_score,
            {{ score_between(
                '1.0 * measured.waste_l / nullif(measured.volume_l, 0)', 0.25, 0.05
            ) }} as waste_score,
            {{ score_between('1.0 * measured.days_since_line_cleaning', 28, 14) }}
                as cleaning_score,
            {{ score_between(
                '1.0 * measured.temp_out_of_range_minutes'
                ~ ' / nullif(1440 * measured.temp_sensors, 0)',
                0.20,
                0
            ) }} as temperature_score,
            case
                when measured.critical_alerts_open > 0 then 0
                else greatest(0, 100 - 25 * measured.alerts_open)
            end::numeric as alert_score
        limit 1  -- noqa: AM09
    ) as scores

),

scored as (

    select
        factors.*,
        health.location_health_score
    from factors
    cross join lateral (  -- noqa: ST05
        select
            case
                when factors.expected_heartbeats > 0
                    then
                        round(
                            {{ weighted_mean({
                                'factors.uptime_score': 40,
                                'factors.waste_score': 20,
                                'factors.cleaning_score': 20,
                                'factors.temperature_score': 10,
                                'factors.alert_score': 10
                            }) }},
                            2
                        )
            end as location_health_score
        limit 1  -- noqa: AM09
    ) as health

)

select
    location_id,
    account_id,
    date,
    starts_at,
    location_name,
    venue_type,
    address_city,
    address_region,
    country,
    timezone,
    currency,
    day_of_week,
    account_segment,
    customer_status,
    plan_tier,
    tap_count,
    device_count,
    is_holiday,
    open_hours,
    expected_heartbeats,
    received_heartbeats,
    open_expected_heartbeats,
    open_received_heartbeats,
    pours,
    volume_l,
    peak_hour,
    avg_temp_c,
    temp_out_of_range_minutes,
    error_count,
    days_since_line_cleaning,
    device_health_score,
    devices_online,
    open_outage_minutes,
    is_fully_measured,
    estimated_lost_revenue_usd,
    alerts_opened,
    alerts_open,
    critical_alerts_open,
    work_orders_opened,
    work_orders_open,
    pos_revenue_local,
    pos_revenue_usd,
    draft_revenue_usd,
    draft_units,
    sold_l,
    pos_transactions,
    pos_exported_at,
    is_trading,
    waste_l,
    device_uptime_pct,
    device_uptime_open_hours_pct,
    location_health_score,
    {{ score_band('location_health_score') }} as location_health_band
from scored
