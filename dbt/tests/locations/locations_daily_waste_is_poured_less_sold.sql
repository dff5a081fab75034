-- Waste is told of exactly the days that were measured in full and sold, and is the
-- difference.
select
    location_id,
    date
from {{ ref('entity_locations_daily') }}
where
    (waste_l is not null)
    <> coalesce(
        is_fully_measured and volume_l is not null and sold_l is not null, false
    )
    or abs(waste_l - (volume_l - sold_l)) > 0.000001
    or (estimated_lost_revenue_usd > 0 and open_outage_minutes = 0)
    or (estimated_lost_revenue_usd is distinct from 0 and open_outage_minutes = 0)
