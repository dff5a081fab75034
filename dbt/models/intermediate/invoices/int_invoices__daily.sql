{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='subscription_id',
    changes_from='int_subscriptions__changes',
    indexes=[
        {'columns': ['subscription_id']}
    ]
) }}

-- Flows of billing on the days they happened: one row a subscription and day with a
-- flow.
with

invoices as (

    select * from {{ ref('int_invoices__invoices') }}
    where {{ only_changed('int_subscriptions__changes', 'subscription_id') }}

),

payments as (

    select * from {{ ref('int_invoices__payments') }}
    where {{ only_changed('int_subscriptions__changes', 'subscription_id') }}

),

money_back as (

    select * from {{ ref('int_invoices__money_back') }}
    where {{ only_changed('int_subscriptions__changes', 'subscription_id') }}

),

flows as (

    select
        subscription_id,
        account_id,
        billed_on as date,
        billed_usd,
        0 as collected_usd,
        0 as refunded_usd,
        0 as reversed_usd,
        0 as failed_payments,
        0 as recovered_payments
    from invoices
    where is_billed
    union all
    select
        subscription_id,
        account_id,
        attempted_on as date,
        0 as billed_usd,
        case when is_collected then amount_usd else 0 end as collected_usd,
        0 as refunded_usd,
        0 as reversed_usd,
        case when is_failed then 1 else 0 end as failed_payments,
        case when is_recovered then 1 else 0 end as recovered_payments
    from payments
    where is_collected or is_failed
    union all
    select
        subscription_id,
        account_id,
        entered_on as date,
        0 as billed_usd,
        0 as collected_usd,
        cash_usd as refunded_usd,
        reversed_usd,
        0 as failed_payments,
        0 as recovered_payments
    from money_back

),

final as (

    select
        subscription_id,
        account_id,
        date,
        sum(billed_usd) as billed_usd,
        sum(collected_usd) as collected_usd,
        sum(refunded_usd) as refunded_usd,
        sum(reversed_usd) as reversed_usd,
        sum(failed_payments) as failed_payments,
        sum(recovered_payments) as recovered_payments
    from flows
    where subscription_id is not null
    group by subscription_id, account_id, date

)

select * from final
