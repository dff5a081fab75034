{{ config(indexes=[{'columns': ['location_id', 'iso_weekday'], 'unique': true}]) }}

-- When a venue is open on each day of the week, in minutes after the business day's
-- begin at 06:00. A venue's closed days have no row.
{%- set weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] %}

with

locations as (

    select * from {{ ref('stg_app__locations') }}

),

days as (

    {% for weekday in weekdays -%}
    select
        location_id,
        {{ loop.index }} as iso_weekday,
        {{ json_text('opening_hours::jsonb', weekday) }} as hours
    from locations
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

parts as (

    select
        location_id,
        iso_weekday,
        split_part(hours, '-', 1)::time as opens,
        split_part(hours, '-', 2)::time as closes
    from days
    where hours is not null

),

minutes as (

    select
        location_id,
        iso_weekday,
        (extract(hour from opens) * 60 + extract(minute from opens))::integer
            as opens_at,
        (extract(hour from closes) * 60 + extract(minute from closes))::integer
            as closes_at
    from parts

)

select
    location_id,
    iso_weekday,
    -- the day's minute 360 is the business day's minute 0
    (opens_at + 1080) % 1440 as opens_minute,
    (closes_at + 1080) % 1440 as closes_minute
from minutes
