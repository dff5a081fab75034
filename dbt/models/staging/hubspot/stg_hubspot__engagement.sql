with

source as (

    {{ newest_of(source('hubspot', 'engagement'), ['id']) }}

),

renamed as (

    select
        -- ids
        id as engagement_id,
        owner_id,

        -- text
        lower(type) as engagement_type,

        -- booleans
        coalesce(active, true) as is_active,

        -- timestamps
        timestamp as engaged_at,
        created_at,
        last_updated as updated_at,
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
