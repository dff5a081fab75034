-- id: Q23
-- question: How are health bands distributed by segment?
-- dashboard: Customer Success
-- difficulty: easy
-- tables: entity_customers
-- key: segment, health_band
-- reading: Green from 70 points on, red below 40. Compare shares, not counts: segments
--     differ in size.
-- excludes: Trials, paused and former customers.

select
    segment,
    health_band,
    count(*) as customers,
    round(1.0 * count(*) / sum(count(*)) over (partition by segment), 4) as share
from entities.entity_customers
where customer_status in ('active', 'past_due')
group by segment, health_band
order by segment, health_band
