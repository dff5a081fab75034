-- One row a refund, a lost dispute or a credit note: what leaves the bank and what
-- revenue it takes back. A double payment given back was never revenue. A refund that
-- comes with a credit note takes revenue back once.
with

refunds as (

    select * from {{ ref('stg_stripe__refund') }}
    where refund_status = 'succeeded'

),

disputes as (

    select * from {{ ref('stg_stripe__dispute') }}
    where dispute_status = 'lost'

),

credit_notes as (

    select * from {{ ref('stg_stripe__credit_note') }}
    where credit_note_status = 'issued'

),

payments as (

    select * from {{ ref('int_invoices__payments') }}

),

invoices as (

    select * from {{ ref('int_invoices__invoices') }}

),

rates as (

    select * from {{ ref('int_finance__fx_daily') }}

),

refunded as (

    select
        refunds.refund_id as entry_id,
        'refund' as entry_type,
        payments.invoice_id,
        refunds.amount as cash_local,
        case
            when refunds.refund_reason = 'duplicate' or payments.is_double then 0
            else refunds.amount
        end as reversed_local,
        refunds.created_at as entered_at,
        refunds._arrived_at as known_at,
        -- the whole charge, within the period it paid for: the customer leaves now
        refunds.amount = payments.amount_local
        and refunds.created_at >= invoices.service_start_at
        and refunds.created_at < invoices.service_end_at
        and not payments.is_double
        and coalesce(refunds.refund_reason, '') <> 'duplicate' as ends_period,
        refunds._batch_seq as batch_seq
    from refunds
    inner join payments on refunds.charge_id = payments.payment_id
    inner join invoices on payments.invoice_id = invoices.invoice_id

),

disputed as (

    select
        disputes.dispute_id as entry_id,
        'dispute' as entry_type,
        payments.invoice_id,
        disputes.amount as cash_local,
        0 as reversed_local,
        disputes.created_at as entered_at,
        disputes._arrived_at as known_at,
        false as ends_period,
        disputes._batch_seq as batch_seq
    from disputes
    inner join payments on disputes.charge_id = payments.payment_id

),

credited as (

    select
        credit_notes.credit_note_id as entry_id,
        'credit_note' as entry_type,
        credit_notes.invoice_id,
        0 as cash_local,
        {{ minor_to_major('credit_notes.amount_minor', 'invoices.currency') }}
            as reversed_local,
        credit_notes.created_at as entered_at,
        credit_notes._arrived_at as known_at,
        false as ends_period,
        credit_notes._batch_seq as batch_seq
    from credit_notes
    inner join invoices on credit_notes.invoice_id = invoices.invoice_id
    where
        credit_notes.refund_id is null
        and coalesce(credit_notes.credit_note_reason, '') <> 'duplicate'

),

entries as (

    select * from refunded
    union all
    select * from disputed
    union all
    select * from credited

),

final as (

    select
        -- ids
        entries.entry_id,
        entries.invoice_id,
        invoices.subscription_id,
        invoices.account_id,

        -- text
        entries.entry_type,
        invoices.currency,

        -- numbers
        entries.cash_local,
        -- the tax in it was never revenue
        round(
            entries.reversed_local
            * coalesce(invoices.billed_local / nullif(invoices.total_local, 0), 1),
            6
        ) as reversed_local,
        rates.rate_to_usd,
        {{ usd('entries.cash_local', 'rates.rate_to_usd') }} as cash_usd,
        {{ usd(
            'entries.reversed_local'
            ' * coalesce(invoices.billed_local / nullif(invoices.total_local, 0), 1)',
            'rates.rate_to_usd'
        ) }} as reversed_usd,

        -- booleans
        entries.ends_period,

        -- timestamps
        entries.entered_at,
        {{ utc_date('entries.entered_at') }} as entered_on,
        entries.known_at,

        entries.batch_seq
    from entries
    inner join invoices on entries.invoice_id = invoices.invoice_id
    left join rates
        on
            invoices.currency = rates.currency
            and least({{ utc_date('entries.entered_at') }}, {{ as_of_date_once() }})
            = rates.date

)

select * from final
