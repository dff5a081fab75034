with

source as (

    {{ newest_of(
        source('facebook_ads', 'account_history'),
        ['id', '_fivetran_synced']
    ) }}

),

renamed as (

    select
        -- ids
        id as ad_account_id,

        -- text
        name as ad_account_name,
        lower(account_status) as ad_account_status,
        upper(currency) as currency,
        timezone_name as timezone,

        -- timestamps
        created_time as created_at,
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
