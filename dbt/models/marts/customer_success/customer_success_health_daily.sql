-- Customers, their MRR and what of it is at risk, by day, segment, plan and health
-- band.
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
    to_char(date, 'YYYY-MM') as period,
    {{ as_of_date_once() }} - date as days_ago,
    count(*) as customers,
    sum(mrr_usd) as mrr_usd,
    sum(mrr_usd * churn_probability_90d) as mrr_at_risk_usd,
    sum(health_score) as health_points,
    sum(tickets_opened) as tickets_opened,
    sum(tickets_open) as tickets_open
from customers_daily
group by date, segment, country, plan_tier, health_band, churn_risk_band
