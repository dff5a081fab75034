with

source as (

    {{ newest_of(source('hubspot', 'email_event_open'), ['id']) }}

),

renamed as (

    select
        -- ids
        id as email_event_id,

        -- text
        user_agent,
        location as country_name,

        -- numbers
        duration::bigint as open_ms,

        -- timestamps
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
