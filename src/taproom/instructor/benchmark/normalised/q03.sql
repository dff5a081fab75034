with

movements as (

    select
        date_trunc('month', date)::date as month,
        coalesce(sum(movement_usd) filter (where movement_type = 'new'), 0) as new_usd,
        coalesce(sum(movement_usd) filter (where movement_type = 'expansion'), 0)
            as expansion_usd,
        coalesce(sum(movement_usd) filter (where movement_type = 'contraction'), 0)
            as contraction_usd,
        coalesce(sum(movement_usd) filter (where movement_type = 'churn'), 0)
            as churn_usd,
        coalesce(sum(movement_usd) filter (where movement_type = 'reactivation'), 0)
            as reactivation_usd,
        sum(fx_usd) as fx_usd
    from account_movements
    group by date_trunc('month', date)

),

closings as (

    select
        month,
        sum(mrr_usd) as mrr_usd
    from month_end_mrr
    group by month

)

select
    closings.month,
    round(movements.new_usd, 2) as mrr_new_usd,
    round(movements.expansion_usd, 2) as mrr_expansion_usd,
    round(movements.contraction_usd, 2) as mrr_contraction_usd,
    round(movements.churn_usd, 2) as mrr_churn_usd,
    round(movements.reactivation_usd, 2) as mrr_reactivation_usd,
    round(movements.fx_usd, 2) as mrr_fx_usd,
    round(closings.mrr_usd, 2) as closing_mrr_usd
from closings
inner join movements on closings.month = movements.month
order by closings.month
