-- id: Q08
-- question: What is the magic number per quarter (net new ARR over the sales and
--     marketing expense of the quarter before)?
-- dashboard: Executive
-- difficulty: hard
-- tables: entity_customers_monthly
-- key: quarter
-- reading: Dollars of ARR won this quarter for each dollar spent on sales and marketing
--     in the last. About 0.7 is usual; above 1 there is room to spend more, below 0.5
--     not.
-- excludes: The effect of exchange rates; the running quarter; the first quarter of the
--     tables, which has no quarter before it; quarters finance has not closed.

with

quarters as (

    select
        date_trunc('quarter', month)::date as quarter,
        12 * sum(
            mrr_new_usd + mrr_expansion_usd + mrr_reactivation_usd
            + mrr_contraction_usd + mrr_churn_usd
        ) as net_new_arr_usd,
        sum(sm_spend_allocated_usd) as sm_spend_usd
    from entities.entity_customers_monthly
    where month < date_trunc('quarter', (select as_of_date()) + 1)
    group by date_trunc('quarter', month)

),

with_spend_before as (

    select
        quarter,
        net_new_arr_usd,
        lag(sm_spend_usd) over (order by quarter) as prior_quarter_sm_usd
    from quarters

)

select
    quarter,
    round(net_new_arr_usd, 2) as net_new_arr_usd,
    round(prior_quarter_sm_usd, 2) as prior_quarter_sm_usd,
    round(net_new_arr_usd / prior_quarter_sm_usd, 3) as magic_number
from with_spend_before
where prior_quarter_sm_usd > 0
order by quarter
