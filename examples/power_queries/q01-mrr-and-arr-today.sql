-- id: Q01
-- question: What are MRR and ARR today?
-- dashboard: Executive
-- difficulty: easy
-- tables: entity_customers
-- key:
-- reading: What the contracts in force bring in a month, and twelve times that. ARR is
--     a way of speaking about MRR, not a forecast and not cash.
-- excludes: Trials, paused and unpaid subscriptions, tax, metered usage, one-time fees;
--     test accounts (they never reach the entities).

select
    round(sum(mrr_usd), 2) as mrr_usd,
    round(sum(arr_usd), 2) as arr_usd,
    count(*) filter (where mrr_usd > 0) as paying_customers
from entities.entity_customers
