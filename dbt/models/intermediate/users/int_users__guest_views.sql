{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='date',
    changes_from='int_users__event_days',
    indexes=[{'columns': ['date']}, {'columns': ['anonymous_id']}]
) }}

-- Looks at a shared board by people without a login; int_users__browsers tells who some
-- of them became.
with

events as (

    select * from {{ ref('int_users__events') }}
    where
        event_kind = 'guest_view'
        and {{ only_changed('int_users__event_days', 'date') }}

)

select
    date,
    anonymous_id,
    event_at as viewed_at
from events
