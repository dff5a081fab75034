{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='date',
    changes_from='int_users__event_days',
    indexes=[{'columns': ['date'], 'type': 'brin'}]
) }}

{%- set is_changed = only_changed('int_users__event_days', 'date') %}
{%- set is_day_before = only_changed('int_users__event_days', 'date + 1') %}

-- What people did in the application, cleaned and cut into sessions: the only place
-- that reads Segment's tracks and pages. Depends on the log of a day and of the day
-- before, so days are rebuilt whole: nobody goes on for a day without half an hour's
-- pause.
with

calls as (

    select
        calls.call_id,
        calls.anonymous_id,
        calls.event_kind,
        calls.feature_key,
        calls.is_mobile,
        calls.event_at,
        {{ utc_date('calls.event_at') }} as date,
        case when calls.event_kind <> 'guest_view' then calls.user_id end as user_id
    from {{ ref('stg_segment__calls') }} as calls
    where
        not calls.is_bot
        and not calls.is_internal
        and {{ utc_date('calls.event_at') }}
        >= {{ first_news('int_users__event_days') }}

),

known as (

    select * from calls
    where
        (user_id is not null or event_kind = 'guest_view')
        and ({{ is_changed }} or {{ is_day_before }})

),

-- in this order a retry stands right behind its call, and each event behind the one
-- before
in_order as (

    select
        known.*,
        lag(call_id) over (partition by user_id order by event_at, call_id)
            as previous_call_id,
        lag(event_at) over (partition by user_id order by event_at, call_id)
            as previous_event_at
    from known

),

in_sessions as (

    select
        in_order.*,
        max(
            case
                when
                    previous_event_at is null
                    or event_at > previous_event_at + interval '30 minutes'
                    then event_at
            end
        ) over (
            partition by user_id
            order by event_at, call_id
            rows between unbounded preceding and current row
        ) as session_started_at
    from in_order

)

select
    date,
    user_id,
    case when user_id is null then anonymous_id end as anonymous_id,
    event_at,
    event_kind,
    feature_key,
    is_mobile,
    case when user_id is not null then session_started_at end as session_started_at
from in_sessions
where
    previous_call_id is distinct from call_id
    and {{ is_changed }}
