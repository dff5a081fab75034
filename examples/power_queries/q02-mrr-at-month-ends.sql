-- id: Q02
-- question: How did month-end MRR develop over the last 24 months?
-- dashboard: Executive
-- difficulty: easy
-- tables: entity_subscriptions_monthly
-- key: month
-- reading: One row a month, each the stock at its end and not a sum over its days. The
--     running month stands at the last complete day. The change mixes contracts and
--     exchange rates; Q03 takes them apart.
-- excludes: Whatever is not MRR (see Q01). The tables begin with January 2024.

with

months as (

    select
        month,
        sum(closing_mrr_usd) as closing_mrr_usd
    from entities.entity_subscriptions_monthly
    where month > date_trunc('month', as_of_date()) - interval '24 months'
    group by month

)

select
    month,
    round(closing_mrr_usd, 2) as closing_mrr_usd,
    round(closing_mrr_usd - lag(closing_mrr_usd) over (order by month), 2) as change_usd
from months
order by month
