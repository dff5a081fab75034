{{ config(materialized='view') }}

-- For each venue the batches that hold anything which concerns what its devices' events
-- come to: the events, the devices' service, and whose the venue is. Outages and alerts
-- are rebuilt by venue, because a cut of a venue's power silences all of its devices.
with

events as (

    select * from {{ ref('stg_iot__device_event') }}

),

assignments as (

    select * from {{ ref('stg_iot__device_assignment') }}

),

venue_changes as (

    select * from {{ ref('int_devices__venue_changes') }}

)

select
    assignments.location_id,
    events._batch_seq as batch_seq
from events
inner join assignments on events.device_id = assignments.device_id
where events.event_type <> 'error'
union all
select
    location_id,
    batch_seq
from venue_changes
