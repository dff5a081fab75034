with

source as (

    {{ newest_of(source('hubspot', 'email_event_bounce'), ['id']) }}

),

renamed as (

    select
        -- ids
        id as email_event_id,

        -- text
        lower(category) as bounce_category,
        response as server_response,
        status as status_code,

        -- timestamps
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
