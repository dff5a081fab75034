with

source as (

    {{ newest_of(source('stripe', 'invoice_line_item'), ['invoice_id', 'id']) }}

),

renamed as (

    select
        -- ids
        id as invoice_line_item_id,
        invoice_id,
        subscription_id,
        subscription_item_id,
        price_id,

        -- text
        type as line_type,
        upper(currency) as currency,
        description,

        -- numbers
        {{ minor_to_major('amount', 'currency') }} as amount,
        quantity,

        -- booleans
        discountable as is_discountable,
        coalesce(proration, false) as is_proration,

        -- timestamps
        period_start as period_start_at,
        period_end as period_end_at,
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
