{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='date',
    changes_from='int_users__session_days',
    indexes=[
        {'columns': ['date']},
        {'columns': ['user_id']}
    ]
) }}

-- One row a user and UTC day on which the tracker saw the user, active or not; the day
-- that still runs is in it.
with

events as (

    select * from {{ ref('int_users__events') }}
    where
        user_id is not null
        and {{ only_changed('int_users__session_days', 'date') }}

),

sessions as (

    select * from {{ ref('int_users__sessions') }}
    where {{ only_changed('int_users__session_days', 'date') }}

),

features as (

    select * from {{ ref('stg_app__features') }}

),

events_by_day as (

    select
        events.date,
        events.user_id,
        (count(*) filter (where events.event_kind = 'use'))::integer as events,
        (count(*) filter (where events.event_kind = 'error'))::integer as errors,
        (count(*) filter (where events.event_kind = 'page_view'))::integer
            as page_views,
        (count(*) filter (where events.event_kind = 'sign_in'))::integer as sign_ins,
        (
            count(distinct events.feature_key)
            filter (where events.event_kind = 'use')
        )::integer as features_used,
        coalesce(
            bool_or(features.is_key) filter (where events.event_kind = 'use'), false
        ) as key_feature_used,
        min(events.event_at) as first_event_at,
        max(events.event_at) as last_event_at,
        max(events.event_at) filter (where events.event_kind = 'use') as last_use_at
    from events
    left join features on events.feature_key = features.feature_key
    group by events.date, events.user_id

),

sessions_by_day as (

    select
        date,
        user_id,
        count(*)::integer as sessions,
        (count(*) filter (where is_mobile))::integer as mobile_sessions,
        sum(minutes) as minutes
    from sessions
    group by date, user_id

)

select
    events_by_day.date,
    events_by_day.user_id,
    coalesce(sessions_by_day.sessions, 0) as sessions,
    coalesce(sessions_by_day.mobile_sessions, 0) as mobile_sessions,
    coalesce(sessions_by_day.minutes, 0) as minutes,
    events_by_day.events,
    events_by_day.errors,
    events_by_day.page_views,
    events_by_day.sign_ins,
    events_by_day.features_used,
    events_by_day.key_feature_used,
    events_by_day.events > 0 as is_active,
    events_by_day.first_event_at,
    events_by_day.last_event_at,
    events_by_day.last_use_at
from events_by_day
left join sessions_by_day
    on
        events_by_day.date = sessions_by_day.date
        and events_by_day.user_id = sessions_by_day.user_id
