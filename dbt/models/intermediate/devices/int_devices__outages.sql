{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='location_id',
    changes_from='int_devices__event_changes',
    indexes=[
        {'columns': ['outage_id'], 'unique': true},
        {'columns': ['device_id', 'started_at']},
        {'columns': ['location_id', 'outage_date']}
    ]
) }}

-- One row a silence of a device of an hour or more, from its last heartbeat to its
-- next. Silences that overlap (a failed device whose network fails, too) are one.
with

assignments as (

    select * from {{ ref('int_devices__assignments') }}
    where {{ only_changed('int_devices__event_changes', 'location_id') }}

),

events as (

    select * from {{ ref('stg_iot__device_event') }}
    where event_type in ('online', 'offline')

),

placed as (

    {{ events_in_service('events', 'assignments') }}

),

-- the platform notes a silence ten minutes after the last heartbeat
signs as (

    select
        placed.*,
        case
            when event_type = 'offline' then event_at - interval '10 minutes'
            else event_at
        end as signed_at,
        case when event_type = 'offline' then 1 else -1 end as step
    from placed

),

depths as (

    select
        signs.*,
        sum(step) over signs_before as depth
    from signs
    window
        signs_before as (
            partition by device_id, valid_from
            order by signed_at asc, step desc, device_event_id asc
            rows between unbounded preceding and current row
        )

),

-- a silence begins where none was
numbered as (

    select
        depths.*,
        sum(case when step = 1 and depth = 1 then 1 else 0 end) over (
            partition by device_id, valid_from
            order by signed_at asc, step desc, device_event_id asc
            rows between unbounded preceding and current row
        ) as silence_no
    from depths

),

silences as (

    select
        device_id,
        location_id,
        account_id,
        timezone,
        min(device_event_id) filter (where step = 1 and depth = 1) as outage_id,
        min(signed_at) as started_at,
        -- what leaves service is no longer missed
        least(
            min(signed_at) filter (where step = -1 and depth = 0),
            nullif(valid_to, {{ far_future() }})
        ) as ended_at,
        -- the platform judges a silence graver when the device itself has failed
        bool_or(step = 1 and severity = 'major') as is_failure
    from numbered
    where silence_no > 0
    group by
        device_id, location_id, account_id, timezone, valid_from, valid_to, silence_no

),

together as (

    select
        silences.*,
        count(*) over (partition by location_id, started_at) as devices_silent
    from silences
    where ended_at is null or ended_at > started_at

)

select
    outage_id,
    device_id,
    location_id,
    account_id,
    {{ business_date('started_at', 'timezone') }} as outage_date,
    {{ business_date("ended_at - interval '1 microsecond'", 'timezone') }} as last_date,
    case
        when is_failure then 'failure'
        when devices_silent > 1 then 'site'
        else 'connection'
    end as cause,
    started_at,
    ended_at,
    round((extract(epoch from ended_at - started_at) / 60)::numeric)::integer
        as outage_minutes
from together
