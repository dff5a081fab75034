{{ config(indexes=[{'columns': ['opening_hours', 'day_of_week'], 'unique': true}]) }}

-- Each weekly timetable that a venue ever had, by weekday. A closing time at or before
-- the opening time is past midnight and still belongs to the day.
{%- set weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] %}

with

venues as (

    select distinct opening_hours from {{ ref('stg_app__locations') }}
    where opening_hours is not null

),

spans as (

    {%- for weekday in weekdays %}
    select
        opening_hours,
        {{ loop.index }} as day_of_week,
        {{ json_text('opening_hours::json', weekday) }} as hours
    from venues
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}

),

clocks as (

    select
        opening_hours,
        day_of_week,
        60 * substr(hours, 1, 2)::int + substr(hours, 4, 2)::int as opens_minute,
        60 * substr(hours, 7, 2)::int + substr(hours, 10, 2)::int as closing_minute
    from spans

),

final as (

    select
        opening_hours,
        day_of_week,
        opens_minute,
        case
            when closing_minute <= opens_minute then closing_minute + 1440
            else closing_minute
        end as closes_minute
    from clocks

)

select
    opening_hours,
    day_of_week,
    opens_minute,
    closes_minute,
    round(coalesce(closes_minute - opens_minute, 0) / 60.0, 2) as open_hours
from final
