-- Invoices of customers with the subscription and the period they bill.
with

lines as (

    select
        items.invoice_id,
        min(items.subscription_id) as subscription_id,
        min(items.period_start_at) filter (
            where prices.usage_type = 'licensed' and not items.is_proration
        ) as service_start_at,
        max(items.period_end_at) filter (
            where prices.usage_type = 'licensed' and not items.is_proration
        ) as service_end_at
    from staging.stg_stripe__invoice_line_item as items
    left join staging.stg_stripe__price as prices on items.price_id = prices.price_id
    group by items.invoice_id

)

select
    invoices.invoice_id,
    coalesce(invoices.subscription_id, lines.subscription_id) as subscription_id,
    customers.account_id,
    invoices.invoice_status,
    invoices.currency,
    invoices.total as total_local,
    invoices.total - invoices.tax as billed_local,
    invoices.subtotal - (invoices.total - invoices.tax) as discount_local,
    (coalesce(invoices.finalized_at, invoices.created_at) at time zone 'UTC')::date
        as billed_on,
    lines.service_start_at,
    lines.service_end_at
from staging.stg_stripe__invoice as invoices
inner join customers on invoices.stripe_customer_id = customers.stripe_customer_id
left join lines on invoices.invoice_id = lines.invoice_id
where not invoices.is_deleted and invoices.invoice_status <> 'draft'
