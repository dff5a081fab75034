{{ config(materialized='view') }}

-- For each account and UTC day the batches that hold anything which concerns what the
-- account's devices did on it. A reading counts on the day on which its business day
-- ended. What a device's event, its installation or its removal says is so from then
-- on. Accounts that were merged are listed with all their days when they are.
with

readings as (

    select * from {{ ref('stg_iot__device_telemetry_daily') }}

),

-- by its indexes: new readings are guessed to be few and looked up one by one
assignments as not materialized (

    select * from {{ ref('int_devices__assignments') }}

),

assignment_rows as (

    select * from {{ ref('stg_iot__device_assignment_versions') }}

),

events as (

    select * from {{ ref('stg_iot__device_event') }}
    where event_type in ('online', 'offline')

),

app_deliveries as (

    select * from {{ ref('stg_app__deliveries') }}
    where table_name = 'accounts'

),

identity as (

    select * from {{ ref('int_accounts__identity') }}

),

days as (

    select * from {{ ref('int_calendar__days') }}

),

-- from which day on a batch touches an account
spans as (

    select
        assignments.account_id,
        -- a silence is noted ten minutes after the last heartbeat
        {{ utc_date('events.event_at') }} - 1 as first_day,
        events._batch_seq as batch_seq
    from events
    inner join assignments on events.device_id = assignments.device_id
    union all
    select
        assignments.account_id,
        {{ utc_date(
            'coalesce(assignment_rows.removed_at, assignment_rows.installed_at)'
        ) }} - 1 as first_day,
        assignment_rows._batch_seq as batch_seq
    from assignment_rows
    inner join assignments on assignment_rows.device_id = assignments.device_id
    union all
    select
        identity.account_id,
        {{ course_start() }} as first_day,
        app_deliveries._batch_seq as batch_seq
    from app_deliveries
    inner join identity on app_deliveries.account_id = identity.raw_account_id
    where identity.is_merged

),

-- each brings its own days: most end with the clock
first_days as (

    select
        account_id,
        batch_seq,
        min(first_day) as first_day
    from spans
    group by account_id, batch_seq

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
    first_days.account_id,
    days.date,
    first_days.batch_seq
from first_days
inner join days on first_days.first_day <= days.date
