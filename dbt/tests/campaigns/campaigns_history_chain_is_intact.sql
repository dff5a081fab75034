-- Every version but the first points at one of its campaign that began before it.
select history.campaign_key
from {{ ref('entity_campaigns_history') }} as history
left join {{ ref('entity_campaigns_history') }} as previous
    on history.prev_version_key = previous.campaign_key
where
    (history.prev_version_key is not null and previous.campaign_key is null)
    or previous.campaign_id <> history.campaign_id
    or previous.valid_from >= history.valid_from
