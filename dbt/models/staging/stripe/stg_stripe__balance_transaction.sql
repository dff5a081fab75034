with

source as (

    {{ newest_of(source('stripe', 'balance_transaction'), ['id']) }}

),

renamed as (

    select
        -- ids
        id as balance_transaction_id,
        source as source_id,
        payout_id,

        -- text
        type as transaction_type,
        reporting_category,
        status as transaction_status,
        upper(currency) as currency,

        -- numbers
        {{ minor_to_major('amount', 'currency') }} as amount,
        {{ minor_to_major('fee', 'currency') }} as fee,
        {{ minor_to_major('net', 'currency') }} as net,
        exchange_rate::numeric as exchange_rate,

        -- timestamps
        available_on as available_at,
        created as created_at,
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
