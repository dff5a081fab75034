-- What an account closed a day with, it opens the next day with.
with

days as (

    select
        date,
        account_id,
        opening_mrr_usd,
        lag(mrr_usd) over (partition by account_id order by date) as closing_before,
        lag(date) over (partition by account_id order by date) as date_before
    from {{ ref('entity_customers_daily') }}

)

select
    date,
    account_id
from days
where
    (date_before is not null and date_before <> date - 1)
    or abs(opening_mrr_usd - closing_before) > 0.000001
