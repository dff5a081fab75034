-- A complete month's shares of sales and marketing expense add up to it, to the cent.
with

allocated as (

    select
        date_trunc('month', date)::date as month,
        max(date) as last_date,
        sum(sm_spend_allocated_usd) as allocated_usd
    from {{ ref('entity_customers_daily') }}
    group by 1

),

expenses as (

    select * from {{ ref('int_finance__sm_expense_monthly') }}

)

select
    allocated.month,
    allocated.allocated_usd,
    expenses.sm_expense_usd
from allocated
inner join expenses on allocated.month = expenses.month
where
    allocated.last_date = (allocated.month + interval '1 month')::date - 1
    and abs(allocated.allocated_usd - expenses.sm_expense_usd) >= 0.005
