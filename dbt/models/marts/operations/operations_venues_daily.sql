{{ config(
    materialized='table',
    indexes=[{'columns': ['date']}]
) }}

with

locations_daily as (

    select * from {{ ref('entity_locations_daily') }}

)

select
    date,
    country,
    venue_type,
    account_segment,
    to_char(date, 'YYYY-MM') as period,
    date_trunc('week', date::timestamp)::date as week,
    {{ as_of_date_once() }} - date as days_ago,
    (
        date_trunc('week', {{ as_of_date_once() }}::timestamp + interval '1 day')::date
        - date_trunc('week', date::timestamp)::date
    ) / 7 as weeks_ago,
    count(*) as venues,
    count(*) filter (where is_trading) as trading_venues,
    sum(pours) as pours,
    sum(volume_l) as volume_l,
    sum(volume_l) filter (where waste_l is not null) as measured_volume_l,
    sum(waste_l) as waste_l,
    sum(pos_revenue_usd) as pos_revenue_usd,
    sum(draft_revenue_usd) as draft_revenue_usd,
    sum(estimated_lost_revenue_usd) as estimated_lost_revenue_usd,
    sum(open_outage_minutes) as open_outage_minutes,
    sum(open_expected_heartbeats) as open_expected_heartbeats,
    sum(open_received_heartbeats) as open_received_heartbeats,
    sum(alerts_opened) as alerts_opened,
    sum(alerts_open) as alerts_open,
    sum(work_orders_open) as work_orders_open,
    count(*) filter (where location_health_band = 'red') as red_venues
from locations_daily
group by date, country, venue_type, account_segment
