{{ config(
    pre_hook="{{ index_batches('iot', 'device_event') }}",
    materialized='incremental',
    incremental_strategy='newest_wins',
    unique_key=['device_event_id'],
    newest='_arrived_at',
    indexes=[
        {'columns': ['device_event_id'], 'unique': true},
        {'columns': ['device_id', 'event_at']},
        {'columns': ['_batch_seq'], 'type': 'brin'}
    ]
) }}

with

source as (

    {{ newest_of(source('iot', 'device_event'), ['id']) }}

),

-- a device's clock that lost the time counts from 1970 or runs far ahead; the connector
-- delivers every five minutes
checked as (

    select
        source.*,
        at not between _arrived_at - interval '8 days' and _arrived_at as is_clock_wrong
    from source

),

renamed as (

    select
        -- ids
        id as device_event_id,
        device_id,

        -- text
        type as event_type,
        code as event_code,
        severity,

        -- booleans
        is_clock_wrong,

        -- timestamps
        case when is_clock_wrong then _arrived_at else at end as event_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from checked

)

select * from renamed
