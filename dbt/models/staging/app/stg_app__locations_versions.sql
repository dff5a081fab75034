with

source as (

    {{ deliveries_of(
        source('app', 'locations'), ['id'], ['updated_at', 'status', 'deleted_at']
    ) }}

),

renamed as (

    select
        -- ids
        id as location_id,
        account_id,

        -- text
        name as location_name,
        venue_type,
        address_line1,
        city,
        region,
        postal_code,
        country,
        timezone,
        upper(currency) as currency,
        status as location_status,
        opening_hours::text as opening_hours,

        -- numbers
        lat as latitude,
        lon as longitude,
        seating_capacity,
        tap_count,

        -- booleans
        deleted_at is not null as is_deleted,

        -- dates and timestamps
        opened_on,
        closed_on,
        created_at,
        updated_at,
        deleted_at,

        -- delivery
        _is_newest,
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
