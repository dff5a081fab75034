-- id: Q07
-- question: What is the quick ratio per quarter?
-- dashboard: Executive
-- difficulty: medium
-- tables: entity_customers_monthly
-- key: quarter
-- reading: Dollars of MRR gained (new, expansion, reactivation) for each dollar lost
--     (contraction, churn). Below 1 the company shrinks; empty where nothing was lost.
-- excludes: The effect of exchange rates, and the running quarter.

with

quarters as (

    select
        date_trunc('quarter', month)::date as quarter,
        sum(mrr_new_usd + mrr_expansion_usd + mrr_reactivation_usd) as mrr_gained_usd,
        -sum(mrr_contraction_usd + mrr_churn_usd) as mrr_lost_usd
    from entities.entity_customers_monthly
    where month < date_trunc('quarter', (select as_of_date()) + 1)
    group by date_trunc('quarter', month)

)

select
    quarter,
    round(mrr_gained_usd, 2) as mrr_gained_usd,
    round(mrr_lost_usd, 2) as mrr_lost_usd,
    round(mrr_gained_usd / nullif(mrr_lost_usd, 0), 3) as quick_ratio
from quarters
order by quarter
