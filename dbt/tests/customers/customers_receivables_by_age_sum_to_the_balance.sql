-- Not due and overdue by age are parts of the open balance, and there is no other part.
select
    account_id,
    open_balance_usd,
    not_due_usd,
    past_due_under_31_days_usd,
    past_due_over_30_days_usd
from {{ ref('entity_customers') }}
where
    open_balance_usd
    <> not_due_usd + past_due_under_31_days_usd + past_due_over_30_days_usd
