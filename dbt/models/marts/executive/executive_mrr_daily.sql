with

customers_daily as (

    select * from {{ ref('entity_customers_daily') }}

)

select
    date,
    segment,
    country,
    plan_tier,
    to_char(date, 'YYYY-MM') as period,
    {{ as_of_date_once() }} - date as days_ago,
    sum(mrr_usd) as mrr_usd,
    sum(arr_usd) as arr_usd,
    sum(mrr_constant_fx_usd) as mrr_constant_fx_usd,
    count(*) filter (where is_customer) as customers,
    count(*) filter (where is_paying) as paying_customers,
    count(*) filter (where is_trialing) as trials,
    count(*) filter (where is_new_logo) as new_logos,
    count(*) filter (where is_churned_logo) as churned_logos
from customers_daily
group by date, segment, country, plan_tier
