with

accounts as (

    select
        account_id,
        sum(mrr_usd) as mrr_usd
    from mrr_today
    group by account_id

)

select
    round(sum(mrr_usd), 2) as mrr_usd,
    round(sum(12 * mrr_usd), 2) as arr_usd,
    count(*) filter (where mrr_usd > 0) as paying_customers
from accounts
