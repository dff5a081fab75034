-- id: Q45
-- question: Which venues are at the top and at the bottom by revenue per tap?
-- dashboard: Operations
-- difficulty: medium
-- tables: entity_locations
-- key: place_from_top
-- reading: The ten best and the ten worst open venues by takings of the last 30
--     business days for each tap. Takings are the whole till, so a kitchen lifts a pub:
--     compare venues of one kind before you speak of taps.
-- excludes: Closed and deleted venues, venues without a till export in the 30 days.

with

ranked as (

    select
        location_id,
        location_name,
        country,
        tap_count,
        revenue_per_tap_30d_usd,
        row_number() over (
            order by revenue_per_tap_30d_usd desc, location_id asc
        ) as place_from_top,
        count(*) over () as venues
    from entities.entity_locations
    where location_status = 'open' and revenue_per_tap_30d_usd is not null

)

select
    place_from_top,
    location_id,
    location_name,
    country,
    tap_count,
    round(revenue_per_tap_30d_usd, 2) as revenue_per_tap_30d_usd
from ranked
where place_from_top <= 10 or place_from_top > venues - 10
order by place_from_top
