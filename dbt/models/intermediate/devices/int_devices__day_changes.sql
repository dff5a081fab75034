{{ config(materialized='view') }}

-- For each device and business day the batches that hold anything which concerns it:
-- its readings, and those of four days before, by which a stuck sensor is known;
-- outages, alerts and work orders that lie on the day.
with

readings as (

    select * from {{ ref('stg_iot__device_telemetry_daily') }}

),

event_changes as (

    select * from {{ ref('int_devices__event_changes') }}

),

outages as (

    select * from {{ ref('int_devices__outages') }}

),

alerts as (

    select * from {{ ref('int_devices__alerts') }}

),

work_orders as (

    select * from {{ ref('int_devices__work_orders') }}

),

order_rows as (

    select * from {{ ref('stg_iot__work_order') }}

),

noted as (

    select
        location_id,
        device_id,
        outage_date as first_date,
        last_date
    from outages
    union all
    select
        location_id,
        device_id,
        opened_date as first_date,
        closed_date as last_date
    from alerts

),

-- what has not ended reaches to the newest day there can be; event_changes is named
-- once, so that a reader's batches reach its tables
spells as (

    select
        noted.device_id,
        noted.first_date,
        noted.last_date,
        event_changes.batch_seq
    from event_changes
    inner join noted on event_changes.location_id = noted.location_id
    union all
    select
        work_orders.device_id,
        work_orders.opened_date as first_date,
        work_orders.closed_date as last_date,
        -- an exchange rate may come late, too
        greatest(order_rows._batch_seq, work_orders.batch_seq) as batch_seq
    from order_rows
    inner join work_orders on order_rows.work_order_id = work_orders.work_order_id

)

select
    readings.device_id,
    readings.business_date + later.days as date,
    readings._batch_seq as batch_seq
from readings
cross join (values (0), (1), (2), (3), (4)) as later (days)
union all
select
    spells.device_id,
    days.date,
    spells.batch_seq
from spells
cross join lateral (
    {{ date_series(
        'spells.first_date', "coalesce(spells.last_date, public.as_of_date() + 1)"
    ) }}
) as days
