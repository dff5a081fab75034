-- The connector delivered discounts in subscription_discount until 2024-07-19 and in
-- discount from then on: one thing in two tables, so one staging model.
{%- set columns = [
    'id', 'coupon_id', 'customer_id', 'subscription_id', 'invoice_id', 'start', '"end"',
    '_fivetran_synced', '_arrived_at', '_batch_id', '_batch_seq', '_row_no'
] %}

with

both_tables as (

    select {{ columns | join(', ') }}
    from {{ source('stripe', 'subscription_discount') }}
    union all
    select {{ columns | join(', ') }}
    from {{ source('stripe', 'discount') }}

),

source as (

    {{ deliveries_of('both_tables', ['id', 'start'], ['_fivetran_synced']) }}

),

renamed as (

    select
        -- ids
        id as discount_id,
        coupon_id,
        customer_id as stripe_customer_id,
        subscription_id,
        invoice_id,

        -- timestamps
        start as started_at,
        "end" as ended_at,
        _fivetran_synced as synced_at,

        -- delivery
        _is_newest,
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
