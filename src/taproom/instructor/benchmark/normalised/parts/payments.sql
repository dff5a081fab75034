-- Attempts to collect those invoices; who paid twice is told apart.
select
    charges.charge_id,
    charges.invoice_id,
    invoices.subscription_id,
    invoices.currency,
    charges.amount as amount_local,
    charges.charge_status,
    charges.charge_status = 'succeeded'
    and row_number() over (
        partition by charges.invoice_id, charges.charge_status
        order by charges.created_at, charges.charge_id
    ) > 1 as is_double,
    (charges.created_at at time zone 'UTC')::date as attempted_on
from staging.stg_stripe__charge as charges
inner join invoices on charges.invoice_id = invoices.invoice_id
