{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='date',
    changes_from='int_users__event_days',
    indexes=[
        {'columns': ['date']},
        {'columns': ['user_id', 'date']}
    ]
) }}

-- One row a user, feature and UTC day on which the user came to the feature, test
-- accounts and all, features by the tracker's own names. A day with a row in a new
-- batch is counted anew.
with

events as (

    select * from {{ ref('int_users__events') }}
    where
        feature_key is not null
        and user_id is not null
        and {{ only_changed('int_users__event_days', 'date') }}

)

select
    user_id,
    feature_key,
    date,
    count(*)::int as events,
    (count(*) filter (where event_kind = 'error'))::int as errors,
    (count(*) filter (where is_mobile))::int as mobile_events,
    min(event_at) filter (where event_kind <> 'error') as first_used_at,
    max(event_at) filter (where event_kind <> 'error') as last_used_at
from events
group by user_id, feature_key, date
