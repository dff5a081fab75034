{{ config(indexes=[{'columns': ['location_id'], 'unique': true}]) }}

-- One row a venue as it stands now, with its last 7 and 30 business days.
with

venues as (

    select * from {{ ref('int_locations__attributes') }}

),

timetables as (

    select * from {{ ref('int_locations__opening_hours') }}

),

accounts as (

    select * from {{ ref('int_accounts__attributes') }}

),

billing as (

    select * from {{ ref('int_accounts__billing') }}

),

crm as (

    select * from {{ ref('int_accounts__crm') }}

),

devices as (

    select * from {{ ref('int_devices__attributes') }}

),

venue_days as (

    select * from {{ ref('int_locations__daily') }}
    where date > {{ as_of_date() }} - 60

),

business_days as (

    select * from {{ ref('int_calendar__business_days') }}
    where date > {{ as_of_date() }} - 60

),

people as (

    select * from {{ ref('int_locations__active_users') }}

),

weekly_hours as (

    select
        opening_hours,
        sum(open_hours) as open_hours_per_week
    from timetables
    group by opening_hours

),

last_days as (

    select
        timezone,
        max(date) as last_date
    from business_days
    group by timezone

),

-- of venues that were served on their last business day
newest as (

    select venue_days.*
    from venue_days
    inner join last_days
        on
            venue_days.timezone = last_days.timezone
            and venue_days.date = last_days.last_date

),

recent as (

    select
        venue_days.*,
        date > {{ as_of_date_once() }} - 7 as is_in_7d,
        date > {{ as_of_date_once() }} - 30 as is_in_30d
    from venue_days

),

rolled as (

    select
        location_id,
        1.0 * sum(received_heartbeats) filter (where is_in_7d)
        / nullif(sum(expected_heartbeats) filter (where is_in_7d), 0)
            as device_uptime_7d,
        1.0 * sum(received_heartbeats) filter (where is_in_30d)
        / nullif(sum(expected_heartbeats) filter (where is_in_30d), 0)
            as device_uptime_30d,
        1.0 * sum(open_received_heartbeats) filter (where is_in_30d)
        / nullif(sum(open_expected_heartbeats) filter (where is_in_30d), 0)
            as device_uptime_open_hours_30d,
        sum(pours) filter (where is_in_7d) as pours_7d,
        sum(pours) filter (where is_in_30d) as pours_30d,
        sum(volume_l) filter (where is_in_7d) as volume_l_7d,
        sum(volume_l) filter (where is_in_30d) as volume_l_30d,
        sum(draft_units) filter (where is_in_30d) as draft_units_30d,
        sum(sold_l) filter (where is_in_30d) as sold_l_30d,
        sum(waste_l) filter (where is_in_30d) as waste_l_30d,
        1.0 * sum(waste_l) filter (where is_in_30d)
        / nullif(sum(volume_l) filter (where is_in_30d and waste_l is not null), 0)
            as waste_pct_30d,
        1.0 * sum(volume_l - sold_l) filter (where is_in_30d)
        / nullif(sum(sold_l) filter (where is_in_30d and volume_l is not null), 0)
            as poured_to_sold_variance_pct_30d,
        sum(pos_revenue_usd) filter (where is_in_7d) as pos_revenue_7d_usd,
        sum(pos_revenue_usd) filter (where is_in_30d) as pos_revenue_30d_usd,
        sum(pos_revenue_usd) filter (where not is_in_30d)
            as pos_revenue_prev_30d_usd,
        sum(draft_revenue_usd) filter (where is_in_30d) as draft_revenue_30d_usd,
        sum(pos_transactions) filter (where is_in_30d) as pos_transactions_30d,
        sum(open_outage_minutes) filter (where is_in_30d) as open_outage_minutes_30d,
        sum(estimated_lost_revenue_usd) filter (where is_in_30d)
            as estimated_lost_revenue_30d_usd,
        (count(*) filter (where is_in_30d and is_trading))::int as trading_days_30d
    from recent
    group by location_id

),

fleets as (

    select
        location_id,
        count(*) filter (where is_in_service) as device_count,
        count(*) filter (where connectivity_status = 'online') as devices_online,
        count(*) filter (where connectivity_status = 'offline') as devices_offline,
        sum(case when is_in_service then open_alerts else 0 end) as open_alerts,
        sum(case when is_in_service then critical_alerts else 0 end)
            as critical_alerts,
        sum(case when is_in_service then open_work_orders else 0 end)
            as open_work_orders
    from devices
    group by location_id

),

-- an account's MRR in equal parts over its venues that are neither closed nor deleted
shares as (

    select
        venues.location_id,
        billing.mrr_usd / count(*) over (partition by venues.account_id)
            as mrr_allocated_usd
    from venues
    inner join billing on venues.account_id = billing.account_id
    where venues.location_status <> 'closed' and not venues.is_deleted

),

ranks as (

    select
        venues.location_id,
        rank() over (
            partition by venues.account_id order by rolled.pos_revenue_30d_usd desc
        )::int as revenue_rank_in_account
    from venues
    inner join rolled on venues.location_id = rolled.location_id
    where rolled.pos_revenue_30d_usd is not null

),

final as (

    select
        -- ids
        venues.location_id,
        venues.account_id,

        -- the venue
        venues.location_name,
        venues.venue_type,
        venues.address_city,
        venues.address_region,
        venues.country,
        venues.timezone,
        venues.currency,
        venues.location_status,
        venues.is_deleted,
        venues.opened_on,
        venues.closed_on,
        venues.created_at,
        venues.seating_capacity,
        venues.tap_count,
        weekly_hours.open_hours_per_week::numeric(18, 6) as open_hours_per_week,

        -- its account
        accounts.account_name,
        accounts.segment as account_segment,
        accounts.customer_status,
        accounts.plan_tier,
        crm.owner_name as csm_name,
        coalesce(shares.mrr_allocated_usd, 0)::numeric(18, 6) as mrr_allocated_usd,

        -- devices now
        coalesce(fleets.device_count, 0)::int as device_count,
        coalesce(fleets.devices_online, 0)::int as devices_online,
        coalesce(fleets.devices_offline, 0)::int as devices_offline,
        coalesce(fleets.open_alerts, 0)::int as open_alerts,
        coalesce(fleets.critical_alerts, 0)::int as critical_alerts,
        coalesce(fleets.open_work_orders, 0)::int as open_work_orders,

        -- devices of late
        rolled.device_uptime_7d::numeric(18, 6) as device_uptime_7d,
        rolled.device_uptime_30d::numeric(18, 6) as device_uptime_30d,
        rolled.device_uptime_open_hours_30d::numeric(18, 6)
            as device_uptime_open_hours_30d,
        coalesce(rolled.open_outage_minutes_30d, 0)::int as open_outage_minutes_30d,
        rolled.estimated_lost_revenue_30d_usd::numeric(18, 6)
            as estimated_lost_revenue_30d_usd,
        newest.avg_temp_c::numeric(18, 6) as avg_temp_c_24h,
        newest.days_since_line_cleaning,

        -- poured
        rolled.pours_7d::int as pours_7d,
        rolled.pours_30d::int as pours_30d,
        rolled.volume_l_7d::numeric(18, 6) as volume_l_7d,
        rolled.volume_l_30d::numeric(18, 6) as volume_l_30d,

        -- sold
        coalesce(rolled.trading_days_30d, 0) as trading_days_30d,
        rolled.pos_revenue_7d_usd::numeric(18, 6) as pos_revenue_7d_usd,
        rolled.pos_revenue_30d_usd::numeric(18, 6) as pos_revenue_30d_usd,
        rolled.pos_revenue_prev_30d_usd::numeric(18, 6) as pos_revenue_prev_30d_usd,
        rolled.draft_revenue_30d_usd::numeric(18, 6) as draft_revenue_30d_usd,
        rolled.pos_transactions_30d::int as pos_transactions_30d,
        (1.0 * rolled.pos_revenue_30d_usd / nullif(rolled.pos_transactions_30d, 0))
        ::numeric(18, 6) as avg_ticket_30d_usd,
        (1.0 * rolled.pos_revenue_30d_usd / nullif(venues.tap_count, 0))::numeric(18, 6)
            as revenue_per_tap_30d_usd,
        ranks.revenue_rank_in_account,

        -- poured and not sold
        rolled.draft_units_30d::int as draft_units_30d,
        rolled.sold_l_30d::numeric(18, 6) as sold_l_30d,
        rolled.waste_l_30d::numeric(18, 6) as waste_l_30d,
        rolled.waste_pct_30d::numeric(18, 6) as waste_pct_30d,
        rolled.poured_to_sold_variance_pct_30d::numeric(18, 6)
            as poured_to_sold_variance_pct_30d,

        -- people
        coalesce(people.active_users_30d, 0)::int as active_users_30d,

        -- health
        newest.date as last_business_date,
        newest.device_health_score::numeric(18, 6) as device_health_score,
        newest.location_health_score::numeric(18, 6) as location_health_score,
        newest.location_health_band
    from venues
    inner join accounts on venues.account_id = accounts.account_id
    left join weekly_hours on venues.opening_hours = weekly_hours.opening_hours
    left join billing on venues.account_id = billing.account_id
    left join crm on venues.account_id = crm.account_id
    left join fleets on venues.location_id = fleets.location_id
    left join rolled on venues.location_id = rolled.location_id
    left join newest on venues.location_id = newest.location_id
    left join people on venues.location_id = people.location_id
    left join shares on venues.location_id = shares.location_id
    left join ranks on venues.location_id = ranks.location_id

)

select * from final
