with

months as (

    select
        month,
        sum(mrr_usd) as closing_mrr_usd
    from month_end_mrr
    where month > date_trunc('month', as_of_date()) - interval '24 months'
    group by month

)

select
    month,
    round(closing_mrr_usd, 2) as closing_mrr_usd,
    round(closing_mrr_usd - lag(closing_mrr_usd) over (order by month), 2) as change_usd
from months
order by month
