{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='date',
    changes_from='int_users__session_days',
    indexes=[{'columns': ['date']}]
) }}

{%- set is_changed = only_changed('int_users__session_days', 'date') %}
{%- set is_day_after = only_changed('int_users__session_days', 'date - 1') %}

-- One row a session, on the UTC day it began; what follows midnight belongs to it.
with

events as (

    select * from {{ ref('int_users__events') }}
    where
        user_id is not null
        and ({{ is_changed }} or {{ is_day_after }})

),

sessions as (

    select
        user_id,
        session_started_at as started_at,
        {{ utc_date('session_started_at') }} as date,
        max(event_at) as ended_at,
        (count(*) filter (where event_kind = 'use'))::integer as events,
        (count(*) filter (where event_kind = 'error'))::integer as errors,
        (count(*) filter (where event_kind = 'page_view'))::integer as page_views,
        (count(distinct feature_key) filter (where event_kind = 'use'))::integer
            as features_used,
        bool_or(is_mobile) as is_mobile
    from events
    group by user_id, session_started_at

)

select
    {{ hash_of(['user_id', 'started_at']) }} as session_id,
    user_id,
    date,
    started_at,
    ended_at,
    round((extract(epoch from ended_at - started_at) / 60)::numeric, 2) as minutes,
    events,
    errors,
    page_views,
    features_used,
    is_mobile,
    events > 0 as is_active
from sessions
where {{ is_changed }}
