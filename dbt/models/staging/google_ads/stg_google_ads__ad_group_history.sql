with

source as (

    {{ newest_of(source('google_ads', 'ad_group_history'), ['id', 'updated_at']) }}

),

renamed as (

    select
        -- ids
        id as ad_group_id,
        campaign_id,

        -- text
        name as ad_group_name,
        lower(status) as ad_group_status,
        lower(type) as ad_group_type,

        -- booleans
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
