with

venues as (

    select
        locations.location_id,
        locations.location_name,
        locations.country,
        locations.currency,
        locations.tap_count,
        upper(right(locations.location_id, 8)) as till_code,
        greatest(
            (
                (locations.created_at at time zone locations.timezone)
                - interval '6 hours'
            )::date + 1,
            '2024-01-01'::date
        ) as first_day,
        (
            (
                (select clock.as_of from ops.clock as clock)
                at time zone locations.timezone
            ) - interval '6 hours'
        )::date - 1 as last_day
    from staging.stg_app__locations as locations
    inner join customers on locations.account_id = customers.raw_account_id
    where locations.location_status = 'open' and not locations.is_deleted

),

takings as (

    select
        venues.location_id,
        sum(round(sales.gross_sales * fx.rate_to_usd, 6)) as revenue_usd
    from venues
    inner join staging.stg_pos__location_daily_sales as sales
        on
            venues.till_code = sales.till_code
            and sales.business_date between venues.first_day and venues.last_day
    inner join fx
        on venues.currency = fx.currency and sales.business_date = fx.date
    where sales.business_date > as_of_date() - 30
    group by venues.location_id

),

ranked as (

    select
        venues.location_id,
        venues.location_name,
        venues.country,
        venues.tap_count,
        (1.0 * takings.revenue_usd / venues.tap_count)::numeric(18, 6)
            as revenue_per_tap_30d_usd,
        row_number() over (
            order by
                (1.0 * takings.revenue_usd / venues.tap_count)::numeric(18, 6) desc,
                venues.location_id asc
        ) as place_from_top,
        count(*) over () as venue_count
    from venues
    inner join takings on venues.location_id = takings.location_id
    where venues.tap_count > 0

)

select
    place_from_top,
    location_id,
    location_name,
    country,
    tap_count,
    round(revenue_per_tap_30d_usd, 2) as revenue_per_tap_30d_usd
from ranked
where place_from_top <= 10 or place_from_top > venue_count - 10
order by place_from_top
