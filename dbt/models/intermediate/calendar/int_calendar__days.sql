{{ config(indexes=[{'columns': ['date'], 'unique': true}]) }}

-- Every UTC day from the company's beginning to the clock's last complete day.
with

spine as (

    {{ date_series("'2023-01-01'::date", as_of_date()) }}

),

days as (

    select
        date,
        date_trunc('month', date)::date as month,
        (date_trunc('month', date) + interval '1 month')::date - 1 as month_end
    from spine

)

select
    date,
    month,
    month_end,
    date = month_end as is_month_end,
    month_end - month + 1 as days_in_month
from days
