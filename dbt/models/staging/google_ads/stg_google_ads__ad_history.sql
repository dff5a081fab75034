with

source as (

    {{ newest_of(source('google_ads', 'ad_history'), ['id', 'updated_at']) }}

),

renamed as (

    select
        -- ids
        id as ad_id,
        ad_group_id,

        -- text
        name as ad_name,
        lower(type) as ad_type,
        lower(status) as ad_status,
        trim(both '[]' from final_urls) as final_url,

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
