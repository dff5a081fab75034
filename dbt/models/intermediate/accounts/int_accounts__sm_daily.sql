{{ config(indexes=[{'columns': ['date'], 'unique': true}]) }}

-- Sales and marketing expense of one account-day: a month's expense in equal parts over
-- its days, a day's part over the rows entity_customers_daily has on it. Ten decimals
-- keep the month's sum exact to the cent. Null while finance has not closed the month.
with

days as (

    select * from {{ ref('int_calendar__days') }}
    where date >= {{ course_start() }}

),

attributes as (

    select * from {{ ref('int_accounts__attributes') }}

),

expenses as (

    select * from {{ ref('int_finance__sm_expense_monthly') }}

),

borders as (

    select
        rows_from as date,
        1 as change
    from attributes
    where rows_to is null or rows_to >= rows_from
    union all
    select
        rows_to + 1 as date,
        -1 as change
    from attributes
    where rows_to >= rows_from

),

changes_by_day as (

    select
        date,
        sum(change) as change
    from borders
    group by date

),

counted as (

    select
        days.date,
        days.month,
        days.days_in_month,
        sum(coalesce(changes_by_day.change, 0)) over (order by days.date) as row_count
    from days
    left join changes_by_day on days.date = changes_by_day.date

)

select
    counted.date,
    counted.row_count::integer as row_count,
    round(
        expenses.sm_expense_usd / counted.days_in_month
        / nullif(counted.row_count, 0),
        10
    ) as sm_spend_allocated_usd
from counted
left join expenses on counted.month = expenses.month
