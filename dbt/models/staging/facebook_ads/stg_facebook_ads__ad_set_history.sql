with

source as (

    {{ newest_of(source('facebook_ads', 'ad_set_history'), ['id', 'updated_time']) }}

),

renamed as (

    select
        -- ids
        id as ad_set_id,
        account_id as ad_account_id,
        campaign_id,

        -- text
        name as ad_set_name,
        lower(status) as ad_set_status,
        lower(bid_strategy) as bid_strategy,
        targeting_excluded_regions as excluded_regions,

        -- timestamps
        start_time as starts_at,
        end_time as ends_at,
        updated_time as updated_at,
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
