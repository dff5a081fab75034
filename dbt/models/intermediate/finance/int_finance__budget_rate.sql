{{ config(materialized='view') }}

-- One fixed rate a currency, so that growth can be told apart from exchange rates.
with

rates as (

    select * from {{ ref('stg_finance__budget_rate') }}

)

select
    currency,
    rate as budget_rate_to_usd
from rates
where currency <> 'USD'
union all
select
    'USD' as currency,
    1.0 as budget_rate_to_usd
