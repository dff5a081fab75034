-- every distinct delivered version of each row of iot.device_assignment: one when the
-- device was installed, one more when it was removed
with

source as (

    {{ deliveries_of(
        source('iot', 'device_assignment'),
        ['device_id', 'location_id', 'installed_at'],
        ['removed_at']
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
        _is_newest,
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
