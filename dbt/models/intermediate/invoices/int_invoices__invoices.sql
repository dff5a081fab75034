{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='invoice_id',
    changes_from='int_invoices__changes',
    indexes=[
        {'columns': ['invoice_id'], 'unique': true},
        {'columns': ['subscription_id']}
    ]
) }}

-- One row a finalised invoice of a real account, with what it bills, in US dollars at
-- the rate of the day it was finalised.
with

invoices as (

    select * from {{ ref('stg_stripe__invoice') }}
    where
        not is_deleted
        and invoice_status <> 'draft'
        and {{ only_changed('int_invoices__changes', 'invoice_id') }}

),

lines as (

    select * from {{ ref('stg_stripe__invoice_line_item') }}
    where {{ only_changed('int_invoices__changes', 'invoice_id') }}

),

prices as (

    select * from {{ ref('stg_stripe__price') }}

),

charges as (

    select * from {{ ref('stg_stripe__charge') }}
    where {{ only_changed('int_invoices__changes', 'invoice_id') }}

),

identity as (

    select * from {{ ref('int_accounts__identity') }}

),

rates as (

    select * from {{ ref('int_finance__fx_daily') }}

),

-- the period a customer pays for stands on the licensed lines, not on the invoice
line_summary as (

    select
        lines.invoice_id,
        min(lines.subscription_id) as subscription_id,
        min(lines.period_start_at) filter (
            where prices.usage_type = 'licensed' and not lines.is_proration
        ) as service_start_at,
        max(lines.period_end_at) filter (
            where prices.usage_type = 'licensed' and not lines.is_proration
        ) as service_end_at,
        max(lines._batch_seq) as batch_seq
    from lines
    left join prices on lines.price_id = prices.price_id
    group by lines.invoice_id

),

charge_summary as (

    select
        invoice_id,
        count(*) filter (where charge_status = 'failed') as failed_attempts,
        min(created_at) filter (where charge_status = 'failed') as first_failed_at
    from charges
    where invoice_id is not null
    group by invoice_id

),

placed as (

    select
        invoices.*,
        identity.account_id,
        coalesce(invoices.subscription_id, line_summary.subscription_id)
            as billed_subscription_id,
        line_summary.service_start_at,
        line_summary.service_end_at,
        coalesce(invoices.finalized_at, invoices.created_at) as billed_at,
        coalesce(invoices.paid_at, invoices.voided_at, invoices.uncollectible_at)
            as closed_at,
        coalesce(charge_summary.failed_attempts, 0) as failed_attempts,
        -- a card is past due from its first failure, a sent invoice from its due date
        coalesce(invoices.due_at, charge_summary.first_failed_at) as past_due_at,
        greatest(invoices._batch_seq, line_summary.batch_seq) as batch_seq
    from invoices
    inner join identity on invoices.stripe_customer_id = identity.stripe_customer_id
    left join line_summary on invoices.invoice_id = line_summary.invoice_id
    left join charge_summary on invoices.invoice_id = charge_summary.invoice_id
    where not identity.is_test

),

dated as (

    select
        placed.*,
        {{ utc_date('placed.billed_at') }} as billed_on
    from placed

),

final as (

    select
        -- ids
        dated.invoice_id,
        dated.billed_subscription_id as subscription_id,
        dated.account_id,

        -- text
        dated.invoice_status,
        dated.billing_reason,
        dated.currency,

        -- numbers
        dated.subtotal as subtotal_local,
        dated.subtotal - (dated.total - dated.tax) as discount_local,
        dated.tax as tax_local,
        dated.total as total_local,
        dated.total - dated.tax as billed_local,
        rates.rate_to_usd,
        {{ usd('(dated.total - dated.tax)', 'rates.rate_to_usd') }} as billed_usd,
        {{ usd('dated.total', 'rates.rate_to_usd') }} as total_usd,
        dated.failed_attempts,

        -- booleans
        dated.invoice_status <> 'void' as is_billed,
        dated.closed_at is null as is_open,

        -- timestamps
        dated.billed_at,
        dated.billed_on,
        dated.service_start_at,
        dated.service_end_at,
        dated.due_at,
        dated.past_due_at,
        dated.paid_at,
        dated.closed_at,

        dated.batch_seq
    from dated
    left join rates
        on
            dated.currency = rates.currency
            and least(dated.billed_on, {{ as_of_date_once() }}) = rates.date

)

select * from final
