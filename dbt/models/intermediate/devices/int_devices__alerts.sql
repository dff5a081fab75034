{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='location_id',
    changes_from='int_devices__event_changes',
    indexes=[
        {'columns': ['alert_id'], 'unique': true},
        {'columns': ['device_id', 'opened_at']},
        {'columns': ['location_id', 'opened_date']}
    ]
) }}

-- One row an alert about a device, from opening to closing. An alert that stands when
-- the device leaves service ends with it.
with

assignments as (

    select * from {{ ref('int_devices__assignments') }}
    where {{ only_changed('int_devices__event_changes', 'location_id') }}

),

events as (

    select * from {{ ref('stg_iot__device_event') }}
    where event_type in ('alert_open', 'alert_close')

),

placed as (

    {{ events_in_service('events', 'assignments') }}

),

paired as (

    select
        placed.*,
        min(event_at) filter (where event_type = 'alert_close') over (
            partition by device_id, valid_from, event_code
            order by event_at asc, event_type desc, device_event_id asc
            rows between 1 following and unbounded following
        ) as next_close_at
    from placed

),

alerts as (

    select
        device_event_id as alert_id,
        device_id,
        location_id,
        account_id,
        timezone,
        event_code as alert_code,
        severity,
        event_at as opened_at,
        greatest(
            event_at,
            least(next_close_at, nullif(valid_to, {{ far_future() }}))
        ) as closed_at,
        next_close_at is null and valid_to = {{ far_future() }} as is_open
    from paired
    where event_type = 'alert_open'

)

select
    alert_id,
    device_id,
    location_id,
    account_id,
    alert_code,
    severity,
    is_open,
    opened_at,
    case when not is_open then closed_at end as closed_at,
    {{ business_date('opened_at', 'timezone') }} as opened_date,
    case when not is_open then {{ business_date('closed_at', 'timezone') }} end
        as closed_date
from alerts
