with

quarters as (

    select
        date_trunc('quarter', date)::date as quarter,
        coalesce(
            sum(movement_usd) filter (
                where movement_type in ('new', 'expansion', 'reactivation')
            ),
            0
        ) as mrr_gained_usd,
        -coalesce(
            sum(movement_usd) filter (
                where movement_type in ('contraction', 'churn')
            ),
            0
        ) as mrr_lost_usd
    from account_movements
    where date_trunc('quarter', date) + interval '3 months' <= as_of_date() + 1
    group by date_trunc('quarter', date)

)

select
    quarter,
    round(mrr_gained_usd, 2) as mrr_gained_usd,
    round(mrr_lost_usd, 2) as mrr_lost_usd,
    round(mrr_gained_usd / nullif(mrr_lost_usd, 0), 3) as quick_ratio
from quarters
order by quarter
