with

source as (

    {{ newest_of(source('stripe', 'charge'), ['id']) }}

),

renamed as (

    select
        -- ids
        id as charge_id,
        customer_id as stripe_customer_id,
        invoice_id,
        payment_intent_id,
        balance_transaction_id,

        -- text
        status as charge_status,
        upper(currency) as currency,
        failure_code,
        outcome_type,
        outcome_reason,

        -- numbers
        {{ minor_to_major('amount', 'currency') }} as amount,
        {{ minor_to_major('coalesce(amount_refunded, 0)', 'currency') }}
            as amount_refunded,

        -- booleans
        paid as is_paid,
        captured as is_captured,
        refunded as is_refunded,
        livemode as is_livemode,

        -- timestamps
        created as created_at,
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
