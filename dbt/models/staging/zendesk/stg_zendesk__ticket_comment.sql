with

source as (

    {{ newest_of(source('zendesk', 'ticket_comment'), ['id']) }}

),

erased as (

    {{ erased_requesters() }}

),

-- questions are signed and answers say the name: all texts of the ticket are masked
erased_tickets as (

    select distinct tickets.id as ticket_id
    from {{ source('zendesk', 'ticket') }} as tickets
    inner join erased on tickets.requester_id = erased.requester_id

),

masked as (

    select
        source.*,
        erased_tickets.ticket_id is not null as is_erased
    from source
    left join erased_tickets on source.ticket_id = erased_tickets.ticket_id

),

renamed as (

    select
        -- ids
        id as comment_id,
        ticket_id,
        user_id as zendesk_user_id,

        -- text
        case when not is_erased then body end as comment_text,

        -- booleans
        public as is_public,
        is_erased,

        -- timestamps
        created as created_at,
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from masked

)

select * from renamed
