-- What a mart of marketing counts as new customers are the accounts that first paid in
-- the month, and what it says they cost is what finance booked.
with

economics as (

    select * from {{ ref('marketing_economics_monthly') }}

),

customers as (

    select
        first_paid_month,
        count(*) as new_customers
    from {{ ref('marketing_customers') }}
    group by first_paid_month

),

expenses as (

    select * from {{ ref('int_finance__sm_expense_monthly') }}

)

select
    economics.month,
    economics.new_customers,
    customers.new_customers as customers_who_first_paid,
    economics.sm_expense_usd,
    expenses.sm_expense_usd as expense_of_finance
from economics
left join customers on economics.month = customers.first_paid_month
left join expenses on economics.month = expenses.month
where
    economics.new_customers <> coalesce(customers.new_customers, 0)
    or economics.sm_expense_usd is distinct from expenses.sm_expense_usd
