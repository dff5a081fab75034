-- Every version but the first names the version before it, and that one exists.
select history.location_key
from {{ ref('entity_locations_history') }} as history
left join {{ ref('entity_locations_history') }} as previous
    on history.prev_version_key = previous.location_key
where
    (history.prev_version_key is null) <> (history.change_type = 'insert')
    or (history.prev_version_key is not null and previous.location_key is null)
    or previous.location_id <> history.location_id
    or previous.valid_from >= history.valid_from
