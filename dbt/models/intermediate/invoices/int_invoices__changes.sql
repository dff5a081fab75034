{{ config(materialized='view') }}

-- For each invoice the batches that hold anything which concerns it: its own rows, its
-- lines, charges, refunds, disputes and credit notes; its customer and account; a price
-- it is made of; an exchange rate that came late. A day still running when a row came
-- takes the rate of the day before: the batch that closes the day concerns it, too.
with

own_rows as (

    select * from {{ ref('stg_stripe__deliveries') }}
    where table_name in ('invoice', 'invoice_line_item', 'charge', 'credit_note')

),

money_rows as (

    select * from {{ ref('stg_stripe__deliveries') }}
    where table_name in ('refund', 'dispute')

),

dated_rows as (

    select * from {{ ref('stg_stripe__deliveries') }}
    where table_name in ('invoice', 'charge', 'credit_note')

),

invoice_rows as (

    select * from {{ ref('stg_stripe__deliveries') }}
    where table_name = 'invoice'

),

charge_rows as (

    select * from {{ ref('stg_stripe__deliveries') }}
    where table_name = 'charge'

),

price_rows as (

    select * from {{ ref('stg_stripe__deliveries') }}
    where table_name = 'price'

),

line_rows as (

    select * from {{ ref('stg_stripe__deliveries') }}
    where table_name = 'invoice_line_item'

),

customer_rows as (

    select * from {{ ref('stg_stripe__deliveries') }}
    where table_name = 'customer'

),

app_deliveries as (

    select * from {{ ref('stg_app__deliveries') }}

),

identity as (

    select * from {{ ref('int_accounts__identity') }}

),

rates as (

    select * from {{ ref('stg_finance__fx_rate') }}

),

late_rates as (

    select
        from_currency,
        _batch_seq
    from rates
    where _arrived_at > {{ day_end('rate_date') }}

),

dated as (

    select
        invoice_id,
        {{ day_end(utc_date('occurred_at')) }} as day_ends_at
    from dated_rows

),

families as (

    select
        family.stripe_customer_id,
        app_deliveries._batch_seq
    from app_deliveries
    inner join identity on app_deliveries.account_id = identity.raw_account_id
    inner join identity as family on identity.account_id = family.account_id

),

final as (

    select
        invoice_id,
        _batch_seq as batch_seq
    from own_rows
    union all
    select
        charge_rows.invoice_id,
        money_rows._batch_seq as batch_seq
    from money_rows
    inner join charge_rows on money_rows.charge_id = charge_rows.charge_id
    union all
    select
        invoice_rows.invoice_id,
        customer_rows._batch_seq as batch_seq
    from customer_rows
    inner join invoice_rows
        on customer_rows.stripe_customer_id = invoice_rows.stripe_customer_id
    union all
    select
        invoice_rows.invoice_id,
        families._batch_seq as batch_seq
    from families
    inner join invoice_rows
        on families.stripe_customer_id = invoice_rows.stripe_customer_id
    union all
    select
        line_rows.invoice_id,
        price_rows._batch_seq as batch_seq
    from price_rows
    inner join line_rows on price_rows.price_id = line_rows.price_id
    union all
    select
        invoice_rows.invoice_id,
        late_rates._batch_seq as batch_seq
    from late_rates
    inner join invoice_rows on late_rates.from_currency = invoice_rows.currency
    union all
    select
        dated.invoice_id,
        batches.batch_seq
    from {{ batches() }} as batches
    inner join dated
        on
            batches.from_at < dated.day_ends_at
            and batches.to_at >= dated.day_ends_at

)

select
    invoice_id,
    batch_seq
from final
where invoice_id is not null
