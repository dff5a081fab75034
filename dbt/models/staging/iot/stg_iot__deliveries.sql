-- Every delivered row about a device or its service: what arrived in a batch is found
-- here without picking newest versions first.
select
    id as device_id,
    _batch_seq
from {{ source('iot', 'device') }}
union all
select
    device_id,
    _batch_seq
from {{ source('iot', 'device_assignment') }}
