with

source as (

    {{ newest_of(source('zendesk', 'ticket'), ['id']) }}

),

renamed as (

    select
        -- ids
        id as ticket_id,
        requester_id,
        submitter_id,
        assignee_id,
        organization_id,
        group_id,

        -- text
        subject,
        description as first_message,
        status as ticket_status,
        priority,
        type as ticket_type,
        via_channel as channel,
        string_to_array(
            nullif(replace(trim(both '[]' from merged_ticket_ids), ' ', ''), ''), ','
        )::bigint[] as merged_ticket_ids,

        -- booleans
        coalesce(has_incidents, false) as has_incidents,
        coalesce(_fivetran_deleted, false) or status = 'deleted' as is_deleted,

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
