-- Every delivery of an event, retries included: what came in a batch, or on a day, is found
-- without sorting the whole log by id. A retry is equal to the event it repeats.
select
    id as event_id,
    user_id,
    context_group_id as account_id,
    case event when 'tap_created' then 'tap_line_created' else event end as event_name,
    {{ json_text('properties', 'feature') }} as feature_key,
    context_device_type = 'mobile' as is_mobile,
    timestamp as event_at,
    {{ utc_date('timestamp') }} as event_date,
    _arrived_at,
    _batch_seq
from {{ source('segment', 'tracks') }}
