{{ config(
    materialized='table',
    indexes=[{'columns': ['date']}]
) }}

-- A table: the entity has a row an account and day, and other marts sum these groups.
with

customers_daily as (

    select * from {{ ref('entity_customers_daily') }}

)

select
    date,
    segment,
    country,
    plan_tier,
    date_trunc('month', date)::date as month,
    to_char(date, 'YYYY-MM') as period,
    to_char(date, 'YYYY-"Q"Q') as quarter_name,
    {{ as_of_date_once() }} - date as days_ago,
    date = least(
        (date_trunc('month', date) + interval '1 month')::date - 1,
        {{ as_of_date_once() }}
    ) as is_month_end,
    sum(mrr_usd) as mrr_usd,
    sum(arr_usd) as arr_usd,
    sum(mrr_constant_fx_usd) as mrr_constant_fx_usd,
    sum(opening_mrr_usd) as opening_mrr_usd,
    sum(mrr_new_usd) as mrr_new_usd,
    sum(mrr_expansion_usd) as mrr_expansion_usd,
    sum(mrr_reactivation_usd) as mrr_reactivation_usd,
    sum(mrr_contraction_usd) as mrr_contraction_usd,
    sum(mrr_churn_usd) as mrr_churn_usd,
    sum(mrr_fx_usd) as mrr_fx_usd,
    count(*) filter (where is_customer) as customers,
    count(*) filter (where is_paying) as paying_customers,
    count(*) filter (where is_trialing) as trials,
    count(*) filter (where is_new_logo) as new_logos,
    count(*) filter (where is_churned_logo) as churned_logos,
    -- a month that finance has not closed has no expense yet, not a smaller one
    sum(sm_spend_allocated_usd) as sm_spend_usd,
    sum(cash_collected_usd) as cash_collected_usd,
    sum(refunds_usd) as refunds_usd
from customers_daily
group by date, segment, country, plan_tier
