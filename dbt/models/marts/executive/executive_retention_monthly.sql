{{ config(materialized='table') }}

-- Retention at the end of each month by segment, and for the company as segment all.
with

customers_daily as (

    select * from {{ ref('entity_customers_daily') }}

),

month_ends as (

    select
        date_trunc('month', date)::date as month,
        date,
        account_id,
        segment,
        is_customer,
        mrr_constant_fx_usd,
        mrr_constant_fx_12m_ago_usd,
        mrr_retained_gross_12m_usd
    from customers_daily
    where
        date = (date_trunc('month', date) + interval '1 month')::date - 1

),

-- who lived at the end of the month before: the customers a month starts with
cohorts as (

    select
        this_end.month,
        last_end.segment,
        this_end.is_customer
    from month_ends as this_end
    inner join month_ends as last_end
        on
            this_end.account_id = last_end.account_id
            and last_end.date = this_end.month - 1
    where last_end.is_customer

),

churn as (

    select
        month,
        coalesce(segment, 'all') as segment,
        count(*) as customers_at_start,
        count(*) filter (where not is_customer) as customers_lost
    from cohorts
    group by grouping sets ((month, segment), (month))

),

revenue as (

    select
        month,
        coalesce(segment, 'all') as segment,
        max(date) as date,
        count(*) filter (where is_customer) as customers_at_end,
        sum(mrr_constant_fx_usd) filter (where mrr_constant_fx_12m_ago_usd > 0)
            as mrr_now_usd,
        sum(mrr_constant_fx_12m_ago_usd) as mrr_12m_ago_usd,
        sum(mrr_retained_gross_12m_usd) as mrr_retained_gross_usd
    from month_ends
    group by grouping sets ((month, segment), (month))

)

select
    revenue.month,
    revenue.segment,
    churn.customers_at_start,
    churn.customers_lost,
    revenue.customers_at_end,
    round(1.0 * churn.customers_lost / nullif(churn.customers_at_start, 0), 6)
        as logo_churn_rate,
    revenue.mrr_now_usd,
    revenue.mrr_12m_ago_usd,
    revenue.mrr_retained_gross_usd,
    round(revenue.mrr_now_usd / nullif(revenue.mrr_12m_ago_usd, 0), 6) as nrr_12m,
    round(revenue.mrr_retained_gross_usd / nullif(revenue.mrr_12m_ago_usd, 0), 6)
        as grr_12m,
    {{ as_of_date_once() }} - revenue.date as days_ago
from revenue
left join churn
    on revenue.month = churn.month and revenue.segment = churn.segment
