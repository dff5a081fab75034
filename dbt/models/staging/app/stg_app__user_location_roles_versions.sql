with

source as (

    {{ deliveries_of(
        source('app', 'user_location_roles'),
        ['user_id', 'location_id', 'granted_at'],
        ['revoked_at']
    ) }}

),

renamed as (

    select
        -- ids
        user_id,
        location_id,

        -- text
        role as location_role,

        -- timestamps
        granted_at,
        revoked_at,

        -- delivery
        _is_newest,
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
