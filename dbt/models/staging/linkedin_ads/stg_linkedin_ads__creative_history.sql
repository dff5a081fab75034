with

source as (

    {{ newest_of(
        source('linkedin_ads', 'creative_history'),
        ['id', 'last_modified_at']
    ) }}

),

renamed as (

    select
        -- ids
        id as creative_id,
        campaign_id,

        -- text
        click_uri as final_url,
        lower(intended_status) as creative_status,

        -- timestamps
        created_at,
        last_modified_at as updated_at,
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
