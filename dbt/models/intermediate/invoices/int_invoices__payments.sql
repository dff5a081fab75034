{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='invoice_id',
    changes_from='int_invoices__changes',
    indexes=[
        {'columns': ['invoice_id']},
        {'columns': ['subscription_id']},
        {'columns': ['payment_id'], 'unique': true}
    ]
) }}

-- One row an attempt to collect an invoice, by card or by transfer, failed or not.
-- Dollars at the rate of the attempt's day.
with

charges as (

    select * from {{ ref('stg_stripe__charge') }}
    where {{ only_changed('int_invoices__changes', 'invoice_id') }}

),

invoices as (

    select * from {{ ref('int_invoices__invoices') }}
    where {{ only_changed('int_invoices__changes', 'invoice_id') }}

),

rates as (

    select * from {{ ref('int_finance__fx_daily') }}

),

attempts as (

    select
        charges.charge_id as payment_id,
        charges.invoice_id,
        charges.charge_status as payment_status,
        charges.amount as amount_local,
        charges.created_at as attempted_at,
        greatest(charges._batch_seq, invoices.batch_seq) as batch_seq
    from charges
    inner join invoices on charges.invoice_id = invoices.invoice_id

),

numbered as (

    select
        attempts.*,
        {{ utc_date('attempts.attempted_at') }} as attempted_on,
        row_number() over (
            partition by attempts.invoice_id
            order by attempts.attempted_at, attempts.payment_id
        ) as attempt_no,
        row_number() over (
            partition by attempts.invoice_id, attempts.payment_status
            order by attempts.attempted_at, attempts.payment_id
        ) as attempt_no_of_status
    from attempts

),

final as (

    select
        -- ids
        numbered.payment_id,
        numbered.invoice_id,
        invoices.subscription_id,
        invoices.account_id,

        -- text
        numbered.payment_status,
        invoices.currency,

        -- numbers
        numbered.attempt_no,
        numbered.amount_local,
        rates.rate_to_usd,
        {{ usd('numbered.amount_local', 'rates.rate_to_usd') }} as amount_usd,

        -- booleans
        numbered.payment_status = 'succeeded' as is_collected,
        numbered.payment_status = 'failed' as is_failed,
        numbered.payment_status = 'succeeded'
        and numbered.attempt_no_of_status = 1
        and numbered.attempt_no > 1 as is_recovered,
        numbered.payment_status = 'succeeded'
        and numbered.attempt_no_of_status > 1 as is_double,

        -- timestamps
        numbered.attempted_at,
        numbered.attempted_on,

        numbered.batch_seq
    from numbered
    inner join invoices on numbered.invoice_id = invoices.invoice_id
    left join rates
        on
            invoices.currency = rates.currency
            and least(numbered.attempted_on, {{ as_of_date_once() }}) = rates.date

)

select * from final
