with

source as (

    {{ newest_of(source('iot', 'firmware_rollout'), ['device_id', 'started_at']) }}

),

renamed as (

    select
        -- ids
        device_id,

        -- text
        version as firmware_version,
        result as rollout_result,

        -- timestamps
        started_at,
        finished_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
