{{ config(materialized='view') }}

-- For each account and UTC day the batches that hold anything which concerns what the
-- account's devices did on it. A reading counts on the day on which its business day
-- ended. Accounts that were merged are listed with all their days.
with

readings as (

    select * from {{ ref('stg_iot__device_telemetry_daily') }}

),

assignments as (

    select * from {{ ref('int_devices__assignments') }}

),

assignment_rows as (

    select * from {{ ref('stg_iot__device_assignment') }}

),

event_changes as (

    select * from {{ ref('int_devices__event_changes') }}

),

outages as (

    select * from {{ ref('int_devices__outages') }}

),

app_deliveries as (

    select * from {{ ref('stg_app__deliveries') }}

),

identity as (

    select * from {{ ref('int_accounts__identity') }}

),

days as (

    select * from {{ ref('int_calendar__days') }}

)

select
    assignments.account_id,
    readings.business_date + 1 as date,
    readings._batch_seq as batch_seq
from readings
inner join assignments
    on
        readings.device_id = assignments.device_id
        and readings.business_date >= assignments.first_day
        and readings.business_date <= assignments.last_day
union all
select
    outages.account_id,
    days.date,
    event_changes.batch_seq
from event_changes
inner join outages on event_changes.location_id = outages.location_id
inner join days
    on
        days.date >= {{ first_day_shown('outages.started_at') }}
        and days.date
        <= {{ utc_date('coalesce(outages.ended_at, ' ~ far_future() ~ ')') }}
union all
select
    assignments.account_id,
    {{ first_day_shown('assignment_rows.installed_at') }} as date,
    assignment_rows._batch_seq as batch_seq
from assignment_rows
inner join assignments on assignment_rows.device_id = assignments.device_id
union all
select
    assignments.account_id,
    {{ first_day_shown('assignment_rows.removed_at') }} as date,
    assignment_rows._batch_seq as batch_seq
from assignment_rows
inner join assignments on assignment_rows.device_id = assignments.device_id
where assignment_rows.removed_at is not null
union all
select
    members.account_id,
    days.date,
    app_deliveries._batch_seq as batch_seq
from app_deliveries
inner join identity on app_deliveries.account_id = identity.raw_account_id
inner join identity as members on identity.account_id = members.account_id
cross join days
where members.is_merged
