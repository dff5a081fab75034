with

mrr_daily as (

    select * from {{ ref('executive_mrr_daily') }}

),

by_month as (

    select
        month,
        max(date) as last_date,
        sum(opening_mrr_usd) filter (where date = month) as opening_mrr_usd,
        sum(mrr_new_usd) as mrr_new_usd,
        sum(mrr_expansion_usd) as mrr_expansion_usd,
        sum(mrr_reactivation_usd) as mrr_reactivation_usd,
        sum(mrr_contraction_usd) as mrr_contraction_usd,
        sum(mrr_churn_usd) as mrr_churn_usd,
        sum(mrr_fx_usd) as mrr_fx_usd,
        sum(new_logos) as new_logos,
        sum(churned_logos) as churned_logos,
        sum(sm_spend_usd) as sm_spend_usd,
        sum(cash_collected_usd) as cash_collected_usd,
        sum(refunds_usd) as refunds_usd
    from mrr_daily
    group by month

)

select
    month,
    opening_mrr_usd,
    mrr_new_usd,
    mrr_expansion_usd,
    mrr_reactivation_usd,
    mrr_contraction_usd,
    mrr_churn_usd,
    mrr_fx_usd,
    opening_mrr_usd + mrr_new_usd + mrr_expansion_usd + mrr_reactivation_usd
    + mrr_contraction_usd + mrr_churn_usd + mrr_fx_usd as closing_mrr_usd,
    new_logos,
    churned_logos,
    round(
        (mrr_new_usd + mrr_expansion_usd + mrr_reactivation_usd)
        / nullif(-(mrr_contraction_usd + mrr_churn_usd), 0),
        4
    ) as quick_ratio,
    round(sm_spend_usd, 2) as sm_spend_usd,
    cash_collected_usd,
    refunds_usd,
    {{ as_of_date_once() }} >= (month + interval '1 month')::date - 1 as is_complete,
    {{ as_of_date_once() }} - last_date as days_ago
from by_month
