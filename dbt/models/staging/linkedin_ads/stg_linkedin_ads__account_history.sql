with

source as (

    {{ newest_of(
        source('linkedin_ads', 'account_history'),
        ['id', 'last_modified_time']
    ) }}

),

renamed as (

    select
        -- ids
        id as ad_account_id,

        -- text
        name as ad_account_name,
        upper(currency) as currency,
        lower(status) as ad_account_status,
        lower(type) as ad_account_type,

        -- timestamps
        created_time as created_at,
        last_modified_time as updated_at,
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
