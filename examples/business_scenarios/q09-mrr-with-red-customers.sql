-- id: Q09
-- question: How much MRR sits with red-health customers, by country?
-- dashboard: Executive
-- difficulty: medium
-- tables: entity_customers
-- key: country
-- reading: MRR of customers whose health score is below 40, and its share of the
--     country's MRR. Money with red customers is not lost: the score says who needs a
--     call.
-- excludes: Accounts without a score (former customers) and without MRR.

select
    country,
    count(*) filter (where health_band = 'red') as red_customers,
    round(coalesce(sum(mrr_usd) filter (where health_band = 'red'), 0), 2)
        as red_mrr_usd,
    round(
        coalesce(sum(mrr_usd) filter (where health_band = 'red'), 0) / sum(mrr_usd), 4
    ) as share_of_mrr
from entities.entity_customers
where mrr_usd > 0
group by country
order by red_mrr_usd desc, country asc
