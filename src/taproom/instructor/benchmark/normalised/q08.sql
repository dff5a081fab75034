with

movements as (

    select
        date_trunc('quarter', date)::date as quarter,
        12 * sum(movement_usd) as net_new_arr_usd
    from account_movements
    where date_trunc('quarter', date) + interval '3 months' <= as_of_date() + 1
    group by date_trunc('quarter', date)

),

expenses as (

    select
        month,
        currency,
        sum(amount) as amount
    from staging.stg_finance__sm_expense
    group by month, currency

),

-- in dollars at the rate of the month's end
months as (

    select
        expenses.month,
        round(sum(expenses.amount * fx.rate_to_usd), 2) as sm_spend_usd
    from expenses
    inner join fx
        on
            expenses.currency = fx.currency
            and least(
                (expenses.month + interval '1 month - 1 day')::date, as_of_date()
            ) = fx.date
    where expenses.month >= '2024-01-01'
    group by expenses.month

),

quarters as (

    select
        date_trunc('quarter', month)::date as quarter,
        sum(sm_spend_usd) as sm_spend_usd
    from months
    group by date_trunc('quarter', month)

)

select
    movements.quarter,
    round(movements.net_new_arr_usd, 2) as net_new_arr_usd,
    round(quarters.sm_spend_usd, 2) as prior_quarter_sm_usd,
    round(movements.net_new_arr_usd / quarters.sm_spend_usd, 3) as magic_number
from movements
inner join quarters on movements.quarter = quarters.quarter + interval '3 months'
where quarters.sm_spend_usd > 0
order by movements.quarter
