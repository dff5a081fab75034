with

source as (

    {{ newest_of(source('facebook_ads', 'campaign_history'), ['id', 'updated_time']) }}

),

renamed as (

    select
        -- ids
        id as campaign_id,
        account_id as ad_account_id,

        -- text
        name as campaign_name,
        lower(status) as campaign_status,
        lower(objective) as objective,

        -- numbers
        daily_budget / 100.0 as daily_budget,

        -- timestamps
        start_time as starts_at,
        stop_time as ends_at,
        created_time as created_at,
        updated_time as updated_at,
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
