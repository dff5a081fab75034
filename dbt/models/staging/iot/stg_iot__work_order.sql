with

source as (

    {{ newest_of(source('iot', 'work_order'), ['id']) }}

),

renamed as (

    select
        -- ids
        id as work_order_id,
        device_id,
        location_id,

        -- text
        type as work_order_type,
        priority,
        status as work_order_status,
        root_cause,
        upper(currency) as currency,

        -- numbers
        parts_cost,
        labour_minutes,

        -- timestamps
        opened_at,
        dispatched_at,
        arrived_at,
        closed_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
