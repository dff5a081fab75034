with

source as (

    {{ newest_of(source('hubspot', 'email_event'), ['id']) }}

),

erased as (

    {{ erased_addresses() }}

),

-- an event keeps the address of a person who was erased later: it is masked here
masked as (

    select
        hashed.*,
        erased.email_hash is not null as is_erased
    from (
        select
            source.*,
            {{ sha256(normal_email('recipient')) }} as recipient_hash
        from source
    ) as hashed
    left join erased on hashed.recipient_hash = erased.email_hash

),

renamed as (

    select
        -- ids
        id as email_event_id,
        email_campaign_id,
        coalesce(sent_by_id, id) as sent_event_id,
        caused_by_id as caused_by_event_id,

        -- text
        case type
            when 'STATUSCHANGE' then 'unsubscribed' else lower(type)
        end as event_type,
        case when not is_erased then recipient_hash end as email_hash,

        -- booleans
        is_erased,
        coalesce(filtered_event, false) as is_bot,

        -- timestamps
        created as event_at,
        coalesce(sent_by_created, created) as sent_at,
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from masked

)

select * from renamed
