-- A device is silent once at a time.
with

silences as (

    select
        device_id,
        outage_id,
        started_at,
        ended_at,
        lead(started_at) over (partition by device_id order by started_at) as next_start
    from {{ ref('int_devices__outages') }}

)

select
    device_id,
    outage_id
from silences
where
    coalesce(ended_at, {{ far_future() }}) > coalesce(next_start, {{ far_future() }})
    or started_at >= ended_at
