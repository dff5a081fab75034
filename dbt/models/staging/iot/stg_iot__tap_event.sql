-- One row for one flow through a line. Exact repetitions have one event_id. The same
-- flow under a second event_id has the same line, volume and duration, at most two
-- seconds apart: no two glasses are poured on one line within two seconds.
with

source as (

    {{ newest_of(source('iot', 'tap_event'), ['event_id']) }}

),

neighbours as (

    select
        source.*,
        lag(event_at) over (
            partition by device_id, line_no, volume_ml, pour_ms
            order by event_at, event_id
        ) as previous_at
    from source

),

-- a device's clock that lost the time counts from 1970 or runs far ahead; the
-- platform's does not, and no event comes more than seven days late
single as (

    select
        neighbours.*,
        event_at > ingested_at + interval '1 hour'
        or event_at < ingested_at - interval '8 days' as is_clock_wrong
    from neighbours
    where
        previous_at is null
        or event_at - previous_at > interval '2 seconds'

),

renamed as (

    select
        -- ids
        event_id,
        device_id,

        -- numbers
        line_no,
        volume_ml,
        pour_ms,
        liquid_temp_c,
        line_pressure_psi,

        -- booleans
        is_cleaning,
        is_clock_wrong,

        -- timestamps
        case when is_clock_wrong then ingested_at else event_at end as event_at,
        ingested_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from single

)

select * from renamed
