with

source as (

    {{ newest_of(source('stripe', 'credit_note'), ['id']) }}

),

renamed as (

    select
        -- ids
        id as credit_note_id,
        invoice_id,
        refund_id,

        -- text
        reason as credit_note_reason,
        status as credit_note_status,
        type as credit_note_type,

        -- numbers
        -- in minor units: the currency stands on the invoice
        amount as amount_minor,

        -- timestamps
        created as created_at,
        voided_at,
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
