with

source as (

    {{ newest_of(source('zendesk', 'organization'), ['id']) }}

),

renamed as (

    select
        -- ids
        id as organization_id,
        external_id as account_id,

        -- text
        name as organization_name,

        -- timestamps
        created_at,
        updated_at,
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
