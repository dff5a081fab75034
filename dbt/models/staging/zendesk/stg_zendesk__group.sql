with

source as (

    {{ newest_of(source('zendesk', 'group'), ['id']) }}

),

renamed as (

    select
        -- ids
        id as group_id,

        -- text
        name as group_name,

        -- booleans
        coalesce(_fivetran_deleted, false) as is_deleted,

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
