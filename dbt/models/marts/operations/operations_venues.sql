with

locations as (

    select * from {{ ref('entity_locations') }}

),

places as (

    select * from {{ ref('int_locations__attributes') }}

)

select
    locations.location_id,
    locations.location_name,
    locations.account_name,
    locations.account_segment,
    locations.csm_name,
    locations.venue_type,
    locations.address_city,
    locations.country,
    round(places.latitude::numeric, 4) as latitude,
    round(places.longitude::numeric, 4) as longitude,
    locations.tap_count,
    locations.device_count,
    locations.devices_offline,
    case
        when locations.devices_offline > 0 then 'devices offline'
        when locations.device_count > 0 then 'all heard'
        else 'no devices'
    end as connectivity,
    locations.open_alerts,
    locations.critical_alerts,
    locations.open_work_orders,
    locations.device_uptime_open_hours_30d,
    locations.estimated_lost_revenue_30d_usd,
    locations.days_since_line_cleaning,
    locations.volume_l_30d,
    locations.waste_pct_30d,
    locations.pos_revenue_30d_usd,
    locations.pos_revenue_30d_usd / nullif(locations.pos_revenue_prev_30d_usd, 0) - 1
        as revenue_change_30d,
    locations.revenue_per_tap_30d_usd,
    locations.mrr_allocated_usd,
    locations.location_health_score,
    locations.location_health_band
from locations
left join places on locations.location_id = places.location_id
where
    locations.location_status <> 'closed'
    and not locations.is_deleted
    and locations.customer_status in ('trial', 'active', 'past_due', 'paused')
