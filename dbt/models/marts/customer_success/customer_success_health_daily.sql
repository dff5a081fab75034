{{ config(
    materialized='table',
    indexes=[{'columns': ['date']}],
    post_hook=["create index on {{ this }} (month) where is_month_end"]
) }}

-- Customers, their MRR and what of it is at risk, by day, segment, plan and health
-- band. A table: the entity has a row an account and day.
with

customers_daily as (

    select * from {{ ref('entity_customers_daily') }}
    where is_customer

)

select
    date,
    segment,
    country,
    plan_tier,
    health_band,
    churn_risk_band,
    date_trunc('month', date)::date as month,
    to_char(date, 'YYYY-MM') as period,
    to_char(date, 'YYYY-"Q"Q') as quarter_name,
    {{ as_of_date_once() }} - date as days_ago,
    date = least(
        (date_trunc('month', date) + interval '1 month')::date - 1,
        {{ as_of_date_once() }}
    ) as is_month_end,
    count(*) as customers,
    sum(mrr_usd) as mrr_usd,
    sum(mrr_usd * churn_probability_90d) as mrr_at_risk_usd,
    sum(health_score) as health_points,
    sum(tickets_opened) as tickets_opened,
    sum(tickets_open) as tickets_open
from customers_daily
group by date, segment, country, plan_tier, health_band, churn_risk_band
