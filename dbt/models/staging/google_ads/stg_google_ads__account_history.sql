with

source as (

    {{ newest_of(source('google_ads', 'account_history'), ['id', 'updated_at']) }}

),

renamed as (

    select
        -- ids
        id as ad_account_id,

        -- text
        descriptive_name as ad_account_name,
        upper(currency_code) as currency,
        time_zone as timezone,

        -- booleans
        auto_tagging_enabled as is_auto_tagging,
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
