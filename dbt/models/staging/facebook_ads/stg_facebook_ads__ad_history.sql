with

source as (

    {{ newest_of(source('facebook_ads', 'ad_history'), ['id', 'updated_time']) }}

),

renamed as (

    select
        -- ids
        id as ad_id,
        account_id as ad_account_id,
        ad_set_id,
        campaign_id,
        creative_id,

        -- text
        name as ad_name,
        lower(status) as ad_status,

        -- timestamps
        updated_time as updated_at,
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
