{{ config(indexes=[{'columns': ['account_id', 'valid_from'], 'unique': true}]) }}

{%- set measures = [
    'failed_payments_90d', 'overdue_subscriptions', 'ending_subscriptions'
] %}

-- How an account's bills stand at the end of each day: a day D lies in the span with
-- valid_from <= D < valid_to.
with

payments as (

    select * from {{ ref('int_invoices__payments') }}
    where is_failed

),

spans as (

    select * from {{ ref('int_subscriptions__mrr_spans') }}

),

events as (

    select
        account_id,
        attempted_on as date,
        1 as failed_payments_90d,
        0 as overdue_subscriptions,
        0 as ending_subscriptions
    from payments
    union all
    select
        account_id,
        attempted_on + 90 as date,
        -1 as failed_payments_90d,
        0 as overdue_subscriptions,
        0 as ending_subscriptions
    from payments
    union all
    select
        account_id,
        valid_from as date,
        0 as failed_payments_90d,
        case when subscription_status = 'past_due' then 1 else 0 end
            as overdue_subscriptions,
        case when is_alive and is_cancel_at_period_end then 1 else 0 end
            as ending_subscriptions
    from spans
    union all
    select
        account_id,
        valid_to as date,
        0 as failed_payments_90d,
        case when subscription_status = 'past_due' then -1 else 0 end
            as overdue_subscriptions,
        case when is_alive and is_cancel_at_period_end then -1 else 0 end
            as ending_subscriptions
    from spans
    where valid_to < '9999-12-31'

),

told as (

    select * from events
    where
        account_id is not null
        and (
            failed_payments_90d <> 0
            or overdue_subscriptions <> 0
            or ending_subscriptions <> 0
        )

),

{{ running_spans('told', measures) }}
