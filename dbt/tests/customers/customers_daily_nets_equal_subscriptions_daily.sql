-- Movements are classified by account here and by subscription there: only nets agree.
with

accounts as (

    select
        date,
        account_id,
        mrr_usd,
        mrr_usd - opening_mrr_usd as net_usd
    from {{ ref('entity_customers_daily') }}

),

subscriptions as (

    select
        date,
        account_id,
        sum(mrr_usd) as mrr_usd,
        sum(mrr_usd - opening_mrr_usd) as net_usd
    from {{ ref('entity_subscriptions_daily') }}
    group by date, account_id

)

select
    coalesce(accounts.date, subscriptions.date) as date,
    coalesce(accounts.account_id, subscriptions.account_id) as account_id
from accounts
full outer join subscriptions
    on
        accounts.date = subscriptions.date
        and accounts.account_id = subscriptions.account_id
where
    abs(coalesce(accounts.mrr_usd, 0) - coalesce(subscriptions.mrr_usd, 0)) > 0.000001
    or abs(coalesce(accounts.net_usd, 0) - coalesce(subscriptions.net_usd, 0))
    > 0.000001
