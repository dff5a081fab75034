-- id: Q04
-- question: What are net and gross revenue retention of the last 12 months by segment?
-- dashboard: Executive
-- difficulty: hard
-- tables: entity_customers_daily
-- key: segment
-- reading: Of what the customers of a year ago paid then, the share they pay now: with
--     growth (NRR, may pass 1) and with growth cut off account by account (GRR, never
--     above 1). Monthly rates are not multiplied to get here. The segment is today's.
-- excludes: Accounts without MRR a year ago. Both ends are at the budget's exchange
--     rates, so that currencies play no part.

with

today as (

    select *
    from entities.entity_customers_daily
    where date = as_of_date() and mrr_constant_fx_12m_ago_usd > 0

)

select
    case when grouping(segment) = 1 then 'all' else segment end as segment,
    count(*) as accounts_12m_ago,
    round(sum(mrr_constant_fx_usd) / sum(mrr_constant_fx_12m_ago_usd), 4) as nrr,
    round(sum(mrr_retained_gross_12m_usd) / sum(mrr_constant_fx_12m_ago_usd), 4) as grr
from today
group by rollup (segment)
order by grouping(today.segment), segment
