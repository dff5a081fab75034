with

source as (

    {{ newest_of(source('hubspot', 'engagement_task'), ['engagement_id']) }}

),

renamed as (

    select
        -- ids
        engagement_id,
        property_hubspot_owner_id as owner_id,

        -- text
        property_hs_task_subject as task_subject,
        lower(property_hs_task_status) as task_status,

        -- timestamps
        property_hs_createdate as created_at,
        property_hs_timestamp as engaged_at,
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
