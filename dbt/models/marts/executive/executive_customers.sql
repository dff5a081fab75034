-- The paying customers of today, largest first: how much of ARR hangs on a few names,
-- and how much of it is in poor health.
with

customers as (

    select * from {{ ref('entity_customers') }}
    where mrr_usd > 0

),

ranked as (

    select
        customers.*,
        row_number() over (order by arr_usd desc, account_id asc) as arr_rank,
        count(*) over () as paying_customers,
        sum(arr_usd) over () as total_arr_usd,
        sum(arr_usd) over (order by arr_usd desc, account_id asc) as arr_so_far_usd
    from customers

)

select
    account_id,
    account_name,
    segment,
    country,
    plan_tier,
    billing_interval,
    acquisition_channel,
    mrr_usd,
    arr_usd,
    mrr_12m_ago_usd,
    arr_rank,
    round(1.0 * arr_rank / paying_customers, 6) as share_of_customers_so_far,
    round(arr_usd / total_arr_usd, 6) as share_of_arr,
    round(arr_so_far_usd / total_arr_usd, 6) as share_of_arr_so_far,
    arr_rank <= ceil(paying_customers / 100.0) as is_top_percent,
    health_score,
    health_band,
    churn_risk_band,
    mrr_at_risk_usd,
    ltv_usd,
    cac_usd,
    payback_months
from ranked
