with

source as (

    {{ newest_of(
        source('google_ads', 'campaign_criterion_history'),
        ['campaign_id', 'id', 'updated_at']
    ) }}

),

renamed as (

    select
        -- ids
        id as place_id,
        campaign_id,

        -- text
        lower(type) as criterion_type,
        display_name as place_name,
        lower(status) as criterion_status,

        -- booleans
        negative as is_excluded,
        _fivetran_active as is_current,

        -- timestamps
        updated_at,
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
