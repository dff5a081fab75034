{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='date',
    changes_from='int_features__changes',
    pre_hook=[
        "create index if not exists tracks_batch_brin
            on {{ source('segment', 'tracks') }} using brin (_batch_seq)",
        "create index if not exists tracks_date_brin
            on {{ source('segment', 'tracks') }} using brin (((timestamp at time zone 'UTC')::date))"
    ],
    indexes=[
        {'columns': ['date']},
        {'columns': ['user_id', 'date']}
    ]
) }}

-- One row a user, feature and UTC day on which the user came to the feature, from the
-- tracker alone: accounts and features by the tracker's own keys. A day with a row in a new
-- batch is counted anew.
with

deliveries as (

    select * from {{ ref('stg_segment__tracks_deliveries') }}
    where
        feature_key is not null
        and {{ only_changed('int_features__changes', 'event_date') }}

),

-- the tracker repeats an event under its first id
ranked as (

    select
        deliveries.*,
        event_name = 'error_shown' as is_error,
        row_number() over (
            partition by event_id order by _arrived_at desc, _batch_seq desc
        ) as recency
    from deliveries

)

select
    user_id,
    account_id as raw_account_id,
    feature_key,
    event_date as date,
    count(*)::int as events,
    (count(*) filter (where is_error))::int as errors,
    (count(*) filter (where is_mobile))::int as mobile_events,
    min(event_at) filter (where not is_error) as first_used_at,
    max(event_at) filter (where not is_error) as last_used_at
from ranked
where recency = 1
group by user_id, account_id, feature_key, event_date
