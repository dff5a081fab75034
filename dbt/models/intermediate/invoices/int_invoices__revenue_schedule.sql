{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='invoice_id',
    changes_from='int_invoices__changes',
    indexes=[
        {'columns': ['invoice_id']},
        {'columns': ['subscription_id']}
    ]
) }}

-- What each invoice lets us recognise and over which days: one row an invoice and span
-- of days. Licensed lines are spread evenly over the days of their period; usage and
-- one-time lines fall on the day of the invoice. Tax is left out, the invoice's
-- discount is taken off in proportion. Dollars at the invoice's rate, since deferred
-- revenue is not revalued.
with

invoices as (

    select * from {{ ref('int_invoices__invoices') }}
    where is_billed and {{ only_changed('int_invoices__changes', 'invoice_id') }}

),

lines as (

    select * from {{ ref('stg_stripe__invoice_line_item') }}
    where {{ only_changed('int_invoices__changes', 'invoice_id') }}

),

prices as (

    select * from {{ ref('stg_stripe__price') }}

),

discountable as (

    select
        invoice_id,
        sum(amount) as discountable_local
    from lines
    where coalesce(is_discountable, true)
    group by invoice_id

),

priced_lines as (

    select
        lines.invoice_id,
        lines.amount,
        {{ utc_date('lines.period_start_at') }} as period_start_on,
        {{ utc_date('lines.period_end_at') }} as period_end_on,
        coalesce(lines.is_discountable, true) as is_discountable,
        coalesce(prices.usage_type, '') = 'licensed' as is_licensed
    from lines
    left join prices on lines.price_id = prices.price_id

),

net_lines as (

    select
        invoices.invoice_id,
        invoices.subscription_id,
        invoices.account_id,
        invoices.billed_on,
        invoices.rate_to_usd,
        priced_lines.amount - case
            when not priced_lines.is_discountable then 0
            else
                coalesce(
                    invoices.discount_local * priced_lines.amount
                    / nullif(discountable.discountable_local, 0),
                    0
                )
        end as net_local,
        priced_lines.is_licensed
        and priced_lines.period_end_on > priced_lines.period_start_on as is_spread,
        priced_lines.period_start_on,
        priced_lines.period_end_on
    from invoices
    inner join priced_lines on invoices.invoice_id = priced_lines.invoice_id
    left join discountable on invoices.invoice_id = discountable.invoice_id

),

placed_lines as (

    select
        invoice_id,
        subscription_id,
        account_id,
        billed_on,
        rate_to_usd,
        net_local,
        case when is_spread then period_start_on else billed_on end as recognised_from,
        case when is_spread then period_end_on else billed_on + 1 end as recognised_to
    from net_lines

),

summed as (

    select
        invoice_id,
        subscription_id,
        account_id,
        billed_on,
        recognised_from,
        recognised_to,
        {{ days_between('recognised_from', 'recognised_to') }} as days,
        sum(net_local)::numeric(18, 6) as amount_local,
        (sum(net_local) * rate_to_usd)::numeric(18, 6) as amount_usd
    from placed_lines
    group by
        invoice_id,
        subscription_id,
        account_id,
        billed_on,
        rate_to_usd,
        recognised_from,
        recognised_to

),

final as (

    select
        summed.*,
        amount_usd / days as daily_usd
    from summed

)

select * from final
