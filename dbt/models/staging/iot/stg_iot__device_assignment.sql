with

source as (

    {{ newest_of(
        source('iot', 'device_assignment'),
        ['device_id', 'location_id', 'installed_at']
    ) }}

),

renamed as (

    select
        -- ids
        device_id,
        location_id,

        -- text
        installer,

        -- timestamps
        installed_at,
        removed_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
