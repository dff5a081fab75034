with

source as (

    {{ newest_of(source('stripe', 'refund'), ['id']) }}

),

renamed as (

    select
        -- ids
        id as refund_id,
        charge_id,
        payment_intent_id,
        balance_transaction_id,

        -- text
        reason as refund_reason,
        status as refund_status,
        upper(currency) as currency,

        -- numbers
        {{ minor_to_major('amount', 'currency') }} as amount,

        -- timestamps
        created as created_at,
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
