{{ config(indexes=[{'columns': ['timezone', 'date'], 'unique': true}]) }}

-- Local business days of the venues' time zones that have ended: from 06:00 to the next
-- 06:00 of the wall clock, so 23 or 25 hours where the clock is changed in between.
with

venues as (

    select distinct timezone from {{ ref('stg_app__locations') }}
    where timezone is not null

),

batches as (

    select * from {{ batches() }}

),

-- a day further than the UTC calendar: where the sun rises first a business day may
-- have ended that UTC has only begun
spine as (

    {{ date_series("'2023-01-01'::date", as_of_date() ~ ' + 1') }}

),

-- each day's instants are worked out once, not for every batch they are compared with
days as materialized (

    select
        venues.timezone,
        spine.date,
        {{ business_day_start('spine.date', 'venues.timezone') }} as starts_at,
        {{ business_day_start('spine.date + 1', 'venues.timezone') }} as ends_at
    from spine
    cross join venues

)

select
    days.timezone,
    days.date,
    days.starts_at,
    days.ends_at,
    batches.batch_seq
from days
left join batches
    on days.ends_at > batches.from_at and days.ends_at <= batches.to_at
where days.ends_at <= {{ as_of() }}
