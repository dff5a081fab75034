with

source as (

    {{ newest_of(source('iot', 'device'), ['id']) }}

),

renamed as (

    select
        -- ids
        id as device_id,
        serial_number,

        -- text
        device_type,
        model as device_model,
        hardware_rev as hardware_revision,
        batch as production_batch,
        firmware_version,
        status as device_status,

        -- numbers
        lines_monitored as line_count,

        -- timestamps
        provisioned_at,
        last_seen_at,
        updated_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
