with

source as (

    {{ newest_of(source('stripe', 'product'), ['id']) }}

),

renamed as (

    select
        -- ids
        id as product_id,

        -- text
        name as product_name,
        description,
        type as product_type,
        unit_label,

        -- booleans
        active as is_active,
        livemode as is_livemode,
        coalesce(is_deleted, false) as is_deleted,

        -- timestamps
        created as created_at,
        updated as updated_at,
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
