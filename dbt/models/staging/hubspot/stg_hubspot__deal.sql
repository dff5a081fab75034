with

source as (

    {{ newest_of(source('hubspot', 'deal'), ['deal_id']) }}

),

renamed as (

    select
        -- ids
        deal_id,
        deal_pipeline_id as pipeline_id,
        deal_pipeline_stage_id as stage_id,
        owner_id,

        -- text
        property_dealname as deal_name,
        property_dealtype as deal_type,
        property_description as deal_description,

        -- numbers
        property_amount as amount_usd,

        -- booleans
        coalesce(is_deleted, false) or _fivetran_deleted as is_deleted,

        -- timestamps
        property_createdate as created_at,
        property_closedate as closed_at,
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
