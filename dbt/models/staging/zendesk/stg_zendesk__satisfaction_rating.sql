with

source as (

    {{ newest_of(source('zendesk', 'satisfaction_rating'), ['id']) }}

),

renamed as (

    select
        -- ids
        id as rating_id,
        ticket_id,
        requester_id,
        assignee_id,
        group_id,

        -- text
        score as rating,
        comment as rating_comment,
        reason as rating_reason,

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
