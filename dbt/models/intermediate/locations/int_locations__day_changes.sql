{{ config(materialized='view') }}

-- For each business day of each venue, those of test accounts included, the batches
-- after which its row in int_locations__daily may read otherwise.
with

location_rows as (

    select * from {{ ref('stg_app__location_deliveries') }}

),

account_rows as (

    select
        account_id,
        _batch_seq
    from {{ ref('stg_app__deliveries') }}
    where table_name <> 'locations'
    union all
    -- a customer of Stripe's test mode makes a test account
    select
        account_id,
        _batch_seq
    from {{ ref('stg_stripe__customer') }}
    where not is_livemode

),

account_versions as (

    select * from {{ ref('int_accounts__versions') }}

),

assignment_rows as (

    select * from {{ ref('stg_iot__device_assignment_versions') }}

),

device_days as (

    select * from {{ ref('stg_iot__device_telemetry_daily') }}

),

outages as (

    select * from {{ ref('int_devices__outages') }}
    where cause = 'failure'

),

event_rows as (

    select * from {{ ref('stg_iot__device_event') }}
    where event_type <> 'error'

),

-- read a second time, so that a reader's batches reach the log
grave_event_rows as (

    select * from {{ ref('stg_iot__device_event') }}
    where event_type <> 'error' and severity = 'major'

),

work_order_rows as (

    select * from {{ ref('stg_iot__work_order') }}

),

-- by its index: new readings are guessed to be few and looked up one by one
assignments as not materialized (

    select * from {{ ref('int_devices__assignments') }}

),

sales as (

    select * from {{ ref('stg_pos__location_daily_sales') }}

),

rates as (

    select * from {{ ref('int_finance__fx_daily') }}

),

business_days as (

    select * from {{ ref('int_calendar__business_days') }}
    where date >= {{ course_start() }}

),

closings as (

    select * from {{ ref('int_calendar__business_days') }}
    where date >= {{ course_start() }}

),

identity as (

    select * from {{ ref('int_accounts__identity') }}

),

batches as (

    select * from {{ batches() }}

),

venues as (

    select
        location_id,
        account_id as raw_account_id,
        timezone,
        currency,
        upper(right(location_id, 8)) as till_code
    from {{ ref('stg_app__locations') }}

),

account_venues as (

    select
        venues.*,
        identity.account_id
    from venues
    inner join identity on venues.raw_account_id = identity.raw_account_id

),

-- from which day on a batch touches a venue
spans as (

    select
        location_rows.location_id,
        venues.timezone,
        {{ course_start() }} as first_day,
        location_rows._batch_seq as batch_seq
    from location_rows
    inner join venues on location_rows.location_id = venues.location_id
    union all
    select
        account_venues.location_id,
        account_venues.timezone,
        {{ course_start() }} as first_day,
        account_rows._batch_seq as batch_seq
    from account_rows
    inner join identity on account_rows.account_id = identity.raw_account_id
    inner join account_venues on identity.account_id = account_venues.account_id
    union all
    -- what an account was at a day's end: plan, status, segment; from the business day
    -- that lasts at the instant of the change, which may have begun on the date before
    select
        account_venues.location_id,
        account_venues.timezone,
        {{ utc_date('account_versions.valid_from') }} - 1 as first_day,
        batches.batch_seq
    from account_versions
    inner join batches
        on
            account_versions.recorded_at >= batches.from_at
            and account_versions.recorded_at < batches.to_at
    inner join account_venues on account_versions.account_id = account_venues.account_id
    union all
    -- devices put up or taken down
    select
        venues.location_id,
        venues.timezone,
        {{ utc_date(
            'coalesce(assignment_rows.removed_at, assignment_rows.installed_at)'
        ) }} - 1 as first_day,
        assignment_rows._batch_seq as batch_seq
    from assignment_rows
    inner join venues on assignment_rows.location_id = venues.location_id
    union all
    -- silences and alerts that began or ended, which is so from then on
    select
        venues.location_id,
        venues.timezone,
        {{ utc_date('event_rows.event_at') }} - 1 as first_day,
        event_rows._batch_seq as batch_seq
    from event_rows
    inner join assignments on event_rows.device_id = assignments.device_id
    inner join venues on assignments.location_id = venues.location_id
    union all
    -- a silence found to be a failure was one from its beginning
    select
        venues.location_id,
        venues.timezone,
        outages.outage_date as first_day,
        grave_event_rows._batch_seq as batch_seq
    from grave_event_rows
    inner join outages
        on
            grave_event_rows.device_id = outages.device_id
            and grave_event_rows.event_at >= outages.started_at
            and (
                outages.ended_at is null
                or grave_event_rows.event_at <= outages.ended_at
            )
    inner join venues on outages.location_id = venues.location_id
    union all
    select
        venues.location_id,
        venues.timezone,
        {{ utc_date('work_order_rows.opened_at') }} - 1 as first_day,
        work_order_rows._batch_seq as batch_seq
    from work_order_rows
    inner join venues on work_order_rows.location_id = venues.location_id

),

final as (

    select
        spans.location_id,
        business_days.date,
        spans.batch_seq
    from spans
    inner join business_days
        on
            spans.timezone = business_days.timezone
            and spans.first_day <= business_days.date
    union all
    -- the day has ended
    select
        venues.location_id,
        closings.date,
        closings.batch_seq
    from closings
    inner join venues on closings.timezone = venues.timezone
    union all
    -- readings, by which a stuck sensor is known on the four days after as well
    select
        assignments.location_id,
        device_days.business_date + faults.later as date,
        device_days._batch_seq as batch_seq
    from device_days
    inner join assignments on device_days.device_id = assignments.device_id
    cross join generate_series(0, 4) as faults (later)
    union all
    -- what was sold, which is also part of what is usual on the eight same weekdays
    -- after
    select
        venues.location_id,
        sales.business_date + 7 * weeks.later as date,
        sales._batch_seq as batch_seq
    from sales
    inner join venues on sales.till_code = venues.till_code
    cross join generate_series(0, {{ usual_weeks() }}) as weeks (later)
    union all
    -- a rate that came after the day
    select
        venues.location_id,
        rates.date,
        rates.batch_seq
    from rates
    inner join venues on rates.currency = venues.currency
    where rates.date >= {{ course_start() }}

)

select * from final
