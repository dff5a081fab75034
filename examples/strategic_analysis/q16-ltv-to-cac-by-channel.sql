-- id: Q16
-- question: What is LTV:CAC by acquisition channel?
-- dashboard: Marketing
-- difficulty: medium
-- tables: entity_customers
-- key: acquisition_channel
-- reading: Lifetime value of the customers of a channel over what winning them cost,
--     sum over sum. CAC is fully loaded: advertising of the channel, and an equal part
--     of all other sales and marketing expense. Above 3 is usual; far above, spend
--     more.
-- excludes: From CAC, customers of months finance has not closed. From the ratio, also
--     former customers and those of segments with fewer than 30 ends a year, who have
--     no LTV: in a small company the ratio is empty.

select
    acquisition_channel,
    count(*) as customers,
    round(avg(cac_usd), 2) as cac_usd,
    round(
        sum(ltv_usd) / nullif(sum(cac_usd) filter (where ltv_usd is not null), 0), 2
    ) as ltv_to_cac
from entities.entity_customers
where cac_usd is not null
group by acquisition_channel
order by customers desc, acquisition_channel asc
