with

source as (

    {{ newest_of(source('hubspot', 'deal_pipeline'), ['pipeline_id']) }}

),

renamed as (

    select
        -- ids
        pipeline_id,

        -- text
        label as pipeline_name,

        -- numbers
        display_order,

        -- booleans
        active as is_active,
        _fivetran_deleted as is_deleted,

        -- timestamps
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
