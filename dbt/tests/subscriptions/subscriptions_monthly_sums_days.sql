-- The months of all subscriptions together hold what their days hold.
with

days as (

    select
        date_trunc('month', date)::date as month,
        sum(mrr_new_usd) as mrr_new_usd,
        sum(mrr_churn_usd) as mrr_churn_usd,
        sum(mrr_fx_usd) as mrr_fx_usd,
        sum(billed_usd) as billed_usd,
        sum(recognised_revenue_usd) as recognised_revenue_usd
    from {{ ref('entity_subscriptions_daily') }}
    group by date_trunc('month', date)::date

),

months as (

    select
        month,
        sum(mrr_new_usd) as mrr_new_usd,
        sum(mrr_churn_usd) as mrr_churn_usd,
        sum(mrr_fx_usd) as mrr_fx_usd,
        sum(billed_usd) as billed_usd,
        sum(recognised_revenue_usd) as recognised_revenue_usd
    from {{ ref('entity_subscriptions_monthly') }}
    group by month

)

select
    days.month as month_of_days,
    months.month
from days
full outer join months on days.month = months.month
where
    days.month is null
    or months.month is null
    or days.mrr_new_usd <> months.mrr_new_usd
    or days.mrr_churn_usd <> months.mrr_churn_usd
    or days.mrr_fx_usd <> months.mrr_fx_usd
    or days.billed_usd <> months.billed_usd
    or days.recognised_revenue_usd <> months.recognised_revenue_usd
