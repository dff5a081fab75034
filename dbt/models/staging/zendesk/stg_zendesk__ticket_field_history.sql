with

source as (

    {{ newest_of(
        source('zendesk', 'ticket_field_history'),
        ['ticket_id', 'field_name', 'updated']
    ) }}

),

renamed as (

    select
        -- ids
        ticket_id,
        nullif(user_id, -1) as changed_by_zendesk_user_id,

        -- text
        field_name,
        value as field_value,

        -- booleans
        coalesce(user_id = -1, false) as is_automatic,

        -- timestamps
        updated as changed_at,
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
