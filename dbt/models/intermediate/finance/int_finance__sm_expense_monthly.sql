{{ config(materialized='ephemeral') }}

-- Sales and marketing expense of a month in US dollars, at the rate of the month's end.
with

expenses as (

    select * from {{ ref('stg_finance__sm_expense') }}

),

days as (

    select * from {{ ref('int_calendar__days') }}

),

fx as (

    select * from {{ ref('int_finance__fx_daily') }}

),

month_ends as (

    select
        month,
        max(date) as rate_date
    from days
    group by month

),

by_currency as (

    select
        month,
        currency,
        sum(amount) as amount
    from expenses
    group by month, currency

)

select
    by_currency.month,
    round(sum(by_currency.amount * fx.rate_to_usd), 2) as sm_expense_usd
from by_currency
inner join month_ends on by_currency.month = month_ends.month
inner join fx
    on
        by_currency.currency = fx.currency
        and month_ends.rate_date = fx.date
group by by_currency.month
