-- Every version but the first names the version before it, and that one exists.
select history.device_key
from {{ ref('entity_devices_history') }} as history
left join {{ ref('entity_devices_history') }} as previous
    on history.prev_version_key = previous.device_key
where
    (history.prev_version_key is null) <> (history.change_type = 'insert')
    or (history.prev_version_key is not null and previous.device_key is null)
    or previous.device_id <> history.device_id
    or previous.valid_from >= history.valid_from
