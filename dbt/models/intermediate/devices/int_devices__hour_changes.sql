{{ config(materialized='view') }}

-- For each device and hour the batches that hold anything which concerns it: its
-- reports, and alerts that were opened in it.
with

reports as (

    select * from {{ ref('stg_iot__device_telemetry_hourly') }}

),

event_changes as (

    select * from {{ ref('int_devices__event_changes') }}

),

alerts as (

    select * from {{ ref('int_devices__alerts') }}

),

assignments as (

    select * from {{ ref('int_devices__assignments') }}

)

select
    device_id,
    reported_at as hour_at,
    _batch_seq as batch_seq
from reports
union all
select
    alerts.device_id,
    date_trunc('hour', alerts.opened_at, assignments.timezone) as hour_at,
    event_changes.batch_seq
from event_changes
inner join alerts on event_changes.location_id = alerts.location_id
inner join assignments on alerts.device_id = assignments.device_id
