with

locations as (

    select * from {{ ref('entity_locations') }}

)

select
    location_id,
    location_name,
    account_name,
    account_segment,
    csm_name,
    venue_type,
    address_city,
    country,
    tap_count,
    device_count,
    devices_offline,
    open_alerts,
    critical_alerts,
    open_work_orders,
    device_uptime_open_hours_30d,
    estimated_lost_revenue_30d_usd,
    days_since_line_cleaning,
    volume_l_30d,
    waste_pct_30d,
    pos_revenue_30d_usd,
    pos_revenue_30d_usd / nullif(pos_revenue_prev_30d_usd, 0) - 1 as revenue_change_30d,
    revenue_per_tap_30d_usd,
    mrr_allocated_usd,
    location_health_score,
    location_health_band
from locations
where
    location_status <> 'closed'
    and not is_deleted
    and customer_status in ('trial', 'active', 'past_due', 'paused')
