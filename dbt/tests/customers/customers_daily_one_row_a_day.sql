-- The grain: one row an account and day.
select
    date,
    account_id
from {{ ref('entity_customers_daily') }}
group by date, account_id
having count(*) > 1
