{{ config(indexes=[{'columns': ['date'], 'unique': true}]) }}

with

spine as (

    {{ dbt.date_spine(
        datepart='day',
        start_date="cast('2023-01-01' as date)",
        end_date="cast(" ~ as_of_date() ~ " + 1 as date)"
    ) }}

),

days as (

    select
        date_day::date as date,
        date_trunc('month', date_day)::date as month,
        (date_trunc('month', date_day) + interval '1 month')::date - 1 as month_end
    from spine

)

select
    date,
    month,
    month_end,
    date = month_end as is_month_end,
    month_end - month + 1 as days_in_month
from days
