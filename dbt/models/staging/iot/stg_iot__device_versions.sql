-- each distinct delivered version of each row of iot.device, at its first delivery
with

source as (

    {{ deliveries_of(source('iot', 'device'), ['id'], ['updated_at', 'status']) }}

),

renamed as (

    select
        -- ids
        id as device_id,

        -- text
        firmware_version,
        status as device_status,

        -- numbers
        lines_monitored as line_count,

        -- timestamps
        updated_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
