-- id: Q47
-- question: How much revenue do outages in open hours put at stake per month?
-- dashboard: Operations
-- difficulty: hard
-- tables: entity_locations_daily
-- key: month
-- reading: What venues usually take on draft beer in the open hours in which their flow
--     monitors were silent. An estimate of exposure and no loss measured: most tills go
--     on selling. Use it to rank venues and months, not to claim damages.
-- excludes: Silences shorter than an hour or outside of opening hours; days for which
--     too few earlier weekdays are known. Older months than the last 12; the running
--     month.

select
    date_trunc('month', date)::date as month,
    count(*) as venue_days,
    round(sum(estimated_lost_revenue_usd), 2) as revenue_at_stake_usd
from entities.entity_locations_daily
where
    estimated_lost_revenue_usd > 0
    and date > date_trunc('month', (select as_of_date())) - interval '11 months 1 day'
    and date < date_trunc('month', (select as_of_date()) + 1)
group by date_trunc('month', date)
order by month
