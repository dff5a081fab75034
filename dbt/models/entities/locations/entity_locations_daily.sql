{{ config(
    materialized='incremental',
    incremental_strategy='by_cell',
    unique_key=['location_id', 'date'],
    cells_from='int_locations__day_changes',
    also_cells='days_without_telemetry',
    indexes=[
        {'columns': ['location_id', 'date'], 'unique': true},
        {'columns': ['estimated_lost_revenue_usd', 'date']}
    ]
) }}

-- depends_on: {{ ref('int_calendar__business_days') }}
-- depends_on: {{ ref('int_locations__attributes') }}

with

venue_days as (

    select * from {{ ref('int_locations__daily') }}
    where
        {{ only_changed_cells('int_locations__day_changes', ['location_id', 'date']) }}

),

final as (

    select
        -- keys
        date,
        location_id,
        account_id,

        -- the venue and its account at the day's end
        location_name,
        account_segment,
        customer_status,
        plan_tier,
        venue_type,
        address_city,
        address_region,
        country,
        timezone,
        tap_count,

        -- the day
        starts_at,
        day_of_week,
        is_holiday,
        open_hours::numeric(18, 6) as open_hours,
        is_trading,

        -- poured
        pours,
        volume_l::numeric(18, 6) as volume_l,
        peak_hour,

        -- sold
        currency,
        pos_revenue_local::numeric(18, 6) as pos_revenue_local,
        pos_revenue_usd::numeric(18, 6) as pos_revenue_usd,
        draft_revenue_usd::numeric(18, 6) as draft_revenue_usd,
        pos_transactions,
        (1.0 * pos_revenue_usd / nullif(pos_transactions, 0))::numeric(18, 6)
            as avg_ticket_usd,
        draft_units,
        sold_l::numeric(18, 6) as sold_l,
        pos_exported_at,

        -- poured and not sold
        is_fully_measured,
        waste_l::numeric(18, 6) as waste_l,
        (1.0 * waste_l / nullif(volume_l, 0))::numeric(18, 6) as waste_pct,
        (1.0 * (volume_l - sold_l) / nullif(sold_l, 0))::numeric(18, 6)
            as poured_to_sold_variance_pct,

        -- devices
        device_count,
        devices_online,
        expected_heartbeats,
        received_heartbeats,
        open_expected_heartbeats,
        open_received_heartbeats,
        device_uptime_pct::numeric(18, 6) as device_uptime_pct,
        device_uptime_open_hours_pct::numeric(18, 6) as device_uptime_open_hours_pct,
        open_outage_minutes,
        estimated_lost_revenue_usd::numeric(18, 6) as estimated_lost_revenue_usd,
        error_count,
        avg_temp_c::numeric(18, 6) as avg_temp_c,
        temp_out_of_range_minutes,
        days_since_line_cleaning,
        alerts_opened,
        alerts_open,
        critical_alerts_open,
        work_orders_opened,
        work_orders_open,

        -- health
        device_health_score::numeric(18, 6) as device_health_score,
        location_health_score::numeric(18, 6) as location_health_score,
        location_health_band
    from venue_days

)

select * from final
