with

source as (

    {{ newest_of(source('stripe', 'dispute'), ['id']) }}

),

renamed as (

    select
        -- ids
        id as dispute_id,
        charge_id,

        -- text
        reason as dispute_reason,
        status as dispute_status,
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
