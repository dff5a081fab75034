-- By what is known now, versions follow each other exactly and the last one is open.
with

versions as (

    select
        device_id,
        valid_from,
        valid_to,
        is_current,
        lead(valid_from) over (partition by device_id order by valid_from) as next_from
    from {{ ref('entity_devices_history') }}
    where superseded_at = {{ far_future() }}

)

select
    device_id,
    valid_from
from versions
where
    valid_to <> coalesce(next_from, {{ far_future() }})
    or valid_from >= valid_to
    or is_current <> (next_from is null)
