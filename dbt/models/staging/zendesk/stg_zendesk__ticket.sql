with

source as (

    {{ newest_of(source('zendesk', 'ticket'), ['id']) }}

),

erased as (

    {{ erased_requesters() }}

),

-- texts are signed: those of a person who was erased are masked
masked as (

    select
        source.*,
        erased.requester_id is not null as is_erased
    from source
    left join erased on source.requester_id = erased.requester_id

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
        case when not is_erased then subject end as subject,
        case when not is_erased then description end as first_message,
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
        is_erased,

        -- timestamps
        created_at,
        updated_at,
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from masked

)

select * from renamed
