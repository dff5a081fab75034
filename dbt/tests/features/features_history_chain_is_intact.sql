-- Every version but the first names the version before it, and that one exists.
select history.feature_key
from {{ ref('entity_features_history') }} as history
left join {{ ref('entity_features_history') }} as previous
    on history.prev_version_key = previous.feature_key
where
    (history.prev_version_key is null) <> (history.change_type = 'insert')
    or (history.prev_version_key is not null and previous.feature_key is null)
    or previous.feature_id <> history.feature_id
    or previous.valid_from >= history.valid_from
