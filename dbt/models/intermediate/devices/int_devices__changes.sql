{{ config(materialized='view') }}

-- For each device the batches that hold anything which concerns what it is and where:
-- its own rows, its service, and whose the venue is.
with

deliveries as (

    select * from {{ ref('stg_iot__deliveries') }}

),

assignments as (

    select * from {{ ref('stg_iot__device_assignment') }}

),

venue_changes as (

    select * from {{ ref('int_devices__venue_changes') }}

)

select
    device_id,
    _batch_seq as batch_seq
from deliveries
union all
select
    assignments.device_id,
    venue_changes.batch_seq
from venue_changes
inner join assignments on venue_changes.location_id = assignments.location_id
