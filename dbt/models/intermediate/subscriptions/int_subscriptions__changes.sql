{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='subscription_id',
    indexes=[{'columns': ['batch_seq']}]
) }}

-- For each subscription the newest batch that holds anything which concerns it: its own
-- versions, items and discounts, whatever concerns its invoices; its customer and
-- account, with the account's venues and users; a price, product or coupon it is made
-- of; the end of a discount, which comes by itself.
-- Subscriptions of test accounts stay listed, so that one found to be a test later
-- vanishes.
with

new_rows as (

    select * from {{ ref('stg_stripe__deliveries') }}
    where subscription_id is not null and _batch_seq > {{ built_through() }}

),

customer_rows as (

    select * from {{ ref('stg_stripe__deliveries') }}
    where table_name = 'customer' and _batch_seq > {{ built_through() }}

),

product_rows as (

    select * from {{ ref('stg_stripe__deliveries') }}
    where table_name = 'product' and _batch_seq > {{ built_through() }}

),

new_price_rows as (

    select * from {{ ref('stg_stripe__deliveries') }}
    where table_name = 'price' and _batch_seq > {{ built_through() }}

),

price_rows as (

    select * from {{ ref('stg_stripe__deliveries') }}
    where table_name = 'price'

),

coupon_rows as (

    select * from {{ ref('stg_stripe__deliveries') }}
    where table_name = 'coupon' and _batch_seq > {{ built_through() }}

),

item_rows as (

    select * from {{ ref('stg_stripe__deliveries') }}
    where table_name = 'subscription_item'

),

discount_rows as (

    select * from {{ ref('stg_stripe__deliveries') }}
    where table_name in ('discount', 'subscription_discount')

),

app_deliveries as (

    select * from {{ ref('stg_app__deliveries') }}
    where _batch_seq > {{ built_through() }}

),

invoice_changes as (

    select * from {{ ref('int_invoices__changes') }}
    where batch_seq > {{ built_through() }}

),

identity as (

    select * from {{ ref('int_accounts__identity') }}

),

rates as (

    select
        from_currency,
        max(_batch_seq) as _batch_seq
    from {{ ref('stg_finance__fx_rate') }}
    where
        _batch_seq > {{ built_through() }}
        and _arrived_at > {{ day_end('rate_date') }}
    group by from_currency

),

-- whose customer a subscription is of
customers as (

    select distinct
        subscription_id,
        stripe_customer_id
    from {{ ref('stg_stripe__deliveries') }}
    where table_name = 'subscription_history'

),

invoice_rows as (

    select distinct
        invoice_id,
        subscription_id
    from {{ ref('stg_stripe__deliveries') }}
    where
        table_name in ('invoice', 'invoice_line_item')
        and subscription_id is not null
        and invoice_id in (select invoice_id from invoice_changes)

),

-- merged accounts change together with their survivor
families as (

    select
        family.stripe_customer_id,
        app_deliveries._batch_seq
    from app_deliveries
    inner join identity on app_deliveries.account_id = identity.raw_account_id
    inner join identity as family on identity.account_id = family.account_id

),

-- a price changes with its product, and what is billed at it with an exchange rate that
-- came after its day had been built
price_changes as (

    select
        price_id,
        _batch_seq
    from new_price_rows
    union all
    select
        price_rows.price_id,
        product_rows._batch_seq
    from product_rows
    inner join price_rows on product_rows.product_id = price_rows.product_id
    union all
    select
        price_rows.price_id,
        rates._batch_seq
    from rates
    inner join price_rows on rates.from_currency = price_rows.currency

),

concerning as (

    select
        subscription_id,
        _batch_seq as batch_seq
    from new_rows
    union all
    select
        invoice_rows.subscription_id,
        invoice_changes.batch_seq
    from invoice_changes
    inner join invoice_rows on invoice_changes.invoice_id = invoice_rows.invoice_id
    union all
    select
        customers.subscription_id,
        customer_rows._batch_seq as batch_seq
    from customer_rows
    inner join customers
        on customer_rows.stripe_customer_id = customers.stripe_customer_id
    union all
    select
        customers.subscription_id,
        families._batch_seq as batch_seq
    from families
    inner join customers on families.stripe_customer_id = customers.stripe_customer_id
    union all
    select
        item_rows.subscription_id,
        price_changes._batch_seq as batch_seq
    from price_changes
    inner join item_rows on price_changes.price_id = item_rows.price_id
    union all
    select
        discount_rows.subscription_id,
        coupon_rows._batch_seq as batch_seq
    from coupon_rows
    inner join discount_rows on coupon_rows.coupon_id = discount_rows.coupon_id
    union all
    select
        discount_rows.subscription_id,
        batches.batch_seq
    from {{ batches() }} as batches
    inner join discount_rows
        on
            batches.from_at < discount_rows.ends_at
            and batches.to_at >= discount_rows.ends_at
    where batches.batch_seq > {{ built_through() }}

),

newest as (

    select
        subscription_id,
        max(batch_seq) as batch_seq
    from concerning
    where subscription_id is not null
    group by subscription_id

),

final as (

    select
        newest.subscription_id,
        max(identity.account_id) as account_id,
        max(newest.batch_seq) as batch_seq
    from newest
    left join customers on newest.subscription_id = customers.subscription_id
    left join identity on customers.stripe_customer_id = identity.stripe_customer_id
    group by newest.subscription_id

)

select * from final
