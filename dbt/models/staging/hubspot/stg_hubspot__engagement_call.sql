with

source as (

    {{ newest_of(source('hubspot', 'engagement_call'), ['engagement_id']) }}

),

renamed as (

    select
        -- ids
        engagement_id,
        property_hubspot_owner_id as owner_id,

        -- text
        property_hs_call_title as call_title,
        property_hs_call_disposition as call_outcome,

        -- numbers
        property_hs_call_duration / 1000.0 as call_seconds,

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
