with

customers_daily as (

    select * from {{ ref('entity_customers_daily') }}

),

by_month as (

    select
        date_trunc('month', date)::date as month,
        max(date) as last_date,
        sum(opening_mrr_usd) filter (where date = date_trunc('month', date)::date)
            as opening_mrr_usd,
        sum(mrr_new_usd) as mrr_new_usd,
        sum(mrr_expansion_usd) as mrr_expansion_usd,
        sum(mrr_reactivation_usd) as mrr_reactivation_usd,
        sum(mrr_contraction_usd) as mrr_contraction_usd,
        sum(mrr_churn_usd) as mrr_churn_usd,
        sum(mrr_fx_usd) as mrr_fx_usd,
        count(*) filter (where is_new_logo) as new_logos,
        count(*) filter (where is_churned_logo) as churned_logos,
        sum(sm_spend_allocated_usd) as sm_spend_usd,
        sum(cash_collected_usd) as cash_collected_usd,
        sum(refunds_usd) as refunds_usd
    from customers_daily
    group by 1

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
