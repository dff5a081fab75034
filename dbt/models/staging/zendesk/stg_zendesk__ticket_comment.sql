with

source as (

    {{ newest_of(source('zendesk', 'ticket_comment'), ['id']) }}

),

renamed as (

    select
        -- ids
        id as comment_id,
        ticket_id,
        user_id as zendesk_user_id,

        -- text
        body as comment_text,

        -- booleans
        public as is_public,

        -- timestamps
        created as created_at,
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
