-- id: Q03
-- question: Show the MRR bridge (new, expansion, contraction, churn, reactivation,
--     exchange rates) by month.
-- dashboard: Executive
-- difficulty: medium
-- tables: entity_customers_monthly
-- key: month
-- reading: Six columns that lead from the end of one month to the end of the next:
--     closing = closing of the month before + the six. Movements are an account's net
--     of a day, so closing one of two subscriptions is contraction. Losses are
--     negative.
-- excludes: Movements of accounts that never paid. A logo whose MRR falls to zero while
--     it lives (pause, full discount) is contraction, not churn.

select
    month,
    round(sum(mrr_new_usd), 2) as mrr_new_usd,
    round(sum(mrr_expansion_usd), 2) as mrr_expansion_usd,
    round(sum(mrr_contraction_usd), 2) as mrr_contraction_usd,
    round(sum(mrr_churn_usd), 2) as mrr_churn_usd,
    round(sum(mrr_reactivation_usd), 2) as mrr_reactivation_usd,
    round(sum(mrr_fx_usd), 2) as mrr_fx_usd,
    round(sum(closing_mrr_usd), 2) as closing_mrr_usd
from entities.entity_customers_monthly
group by month
order by month
