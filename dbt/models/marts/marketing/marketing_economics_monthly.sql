{{ config(materialized='table') }}

-- What a new customer cost, fully loaded, and how soon it pays back. A ratio over some
-- months is a ratio of sums, so the parts stand here and not the ratios.
with

customers_daily as (

    select * from {{ ref('entity_customers_daily') }}

),

expenses as (

    select * from {{ ref('int_finance__sm_expense_monthly') }}

),

margins as (

    select * from {{ ref('int_finance__gross_margin_monthly') }}

),

campaigns_daily as (

    select * from {{ ref('entity_campaigns_daily') }}

),

media as (

    select
        date_trunc('month', date)::date as month,
        sum(spend_usd) as media_spend_usd
    from campaigns_daily
    group by date_trunc('month', date)

),

won as (

    select
        date_trunc('month', date)::date as month,
        count(*) as new_customers,
        sum(mrr_new_usd) as new_mrr_usd
    from customers_daily
    where is_new_logo
    group by date_trunc('month', date)

)

select
    expenses.month,
    to_char(expenses.month, 'YYYY-MM') as period,
    expenses.sm_expense_usd,
    coalesce(media.media_spend_usd, 0) as media_spend_usd,
    coalesce(won.new_customers, 0) as new_customers,
    coalesce(won.new_mrr_usd, 0) as new_mrr_usd,
    margins.gross_margin
from expenses
inner join margins on expenses.month = margins.month
left join media on expenses.month = media.month
left join won on expenses.month = won.month
where
    expenses.month >= {{ course_start() }}
    and (expenses.month + interval '1 month')::date - 1 <= {{ as_of_date() }}
