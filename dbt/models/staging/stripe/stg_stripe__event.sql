with

source as (

    {{ newest_of(source('stripe', 'event'), ['id']) }}

),

renamed as (

    select
        -- ids
        id as event_id,
        object_id,

        -- text
        type as event_type,
        api_version,

        -- booleans
        livemode as is_livemode,

        -- timestamps
        created as created_at,
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
