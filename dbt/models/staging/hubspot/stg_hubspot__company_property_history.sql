with

source as (

    {{ newest_of(
        source('hubspot', 'company_property_history'),
        ['company_id', 'name', 'timestamp']
    ) }}

),

renamed as (

    select
        -- ids
        company_id,

        -- text
        name as property_name,
        value as property_value,
        lower(source) as changed_by_kind,
        source_id as changed_by,

        -- timestamps
        timestamp as changed_at,
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
