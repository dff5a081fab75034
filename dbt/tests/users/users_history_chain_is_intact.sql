-- Every version but the first names the version before it, and that one exists.
select history.user_key
from {{ ref('entity_users_history') }} as history
left join {{ ref('entity_users_history') }} as previous
    on history.prev_version_key = previous.user_key
where
    (history.prev_version_key is null) <> (history.change_type = 'insert')
    or (history.prev_version_key is not null and previous.user_key is null)
    or previous.user_id <> history.user_id
    or previous.valid_from >= history.valid_from
