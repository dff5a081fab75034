with

source as (

    {{ newest_of(source('hubspot', 'engagement_meeting'), ['engagement_id']) }}

),

renamed as (

    select
        -- ids
        engagement_id,
        property_hubspot_owner_id as owner_id,

        -- text
        property_hs_meeting_title as meeting_title,
        lower(property_hs_meeting_outcome) as meeting_outcome,

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
