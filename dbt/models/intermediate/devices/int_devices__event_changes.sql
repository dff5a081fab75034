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

locations as (

    select * from {{ ref('stg_app__locations') }}

),

identity as (

    select * from {{ ref('int_accounts__identity') }}

),

app_deliveries as (

    select * from {{ ref('stg_app__deliveries') }}

),

customers as (

    select * from {{ ref('stg_stripe__customer') }}

),

account_rows as (

    select
        account_id,
        _batch_seq
    from app_deliveries
    union all
    select
        account_id,
        _batch_seq
    from customers

),

-- an account speaks for all accounts that were merged with it
family_rows as (

    select
        family.raw_account_id,
        account_rows._batch_seq
    from account_rows
    inner join identity on account_rows.account_id = identity.raw_account_id
    inner join identity as family on identity.account_id = family.account_id

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
    _batch_seq as batch_seq
from assignments
union all
select
    locations.location_id,
    family_rows._batch_seq as batch_seq
from family_rows
inner join locations on family_rows.raw_account_id = locations.account_id
