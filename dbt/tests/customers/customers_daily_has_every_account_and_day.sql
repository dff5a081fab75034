-- From its first day to its last an account has every day, whatever was rebuilt when.
with

built as (

    select
        date,
        count(*) as row_count
    from {{ ref('entity_customers_daily') }}
    group by date

),

due as (

    select * from {{ ref('int_accounts__sm_daily') }}

)

select due.date
from due
left join built on due.date = built.date
where due.row_count <> coalesce(built.row_count, 0)
