{{ config(indexes=[{'columns': ['country', 'date'], 'unique': true}]) }}

-- Nationwide public holidays of the countries Tapwise sells in. No source has them:
-- they follow from rules, each with the countries that keep it. `nth` is the n-th of a
-- weekday in a month, `last` its last, `until` the last one up to a day, `easter` so
-- many days after Easter Sunday. Monday is 1.
{%- set rules = [
    ['all', 'day', 1, 1, "New Year''s Day"],
    ['all but JP', 'day', 12, 25, 'Christmas Day'],
    ['GB,CA,AU,DE', 'easter', 0, -2, 'Good Friday'],
    ['GB,IE,AU,DE,FR,NL', 'easter', 0, 1, 'Easter Monday'],
    ['GB,CA,AU', 'day', 12, 26, 'Boxing Day'],
    ['DE,FR', 'day', 5, 1, 'Labour Day'],
    ['DE,FR,NL', 'easter', 0, 39, 'Ascension Day'],
    ['DE,FR,NL', 'easter', 0, 50, 'Whit Monday'],
    ['DE,NL', 'day', 12, 26, 'Second Day of Christmas'],
    ['US', 'nth 1', 1, 3, 'Martin Luther King Jr. Day'],
    ['US', 'nth 1', 2, 3, "Presidents'' Day"],
    ['US', 'last 1', 5, 0, 'Memorial Day'],
    ['US', 'day', 6, 19, 'Juneteenth'],
    ['US', 'day', 7, 4, 'Independence Day'],
    ['US', 'nth 1', 9, 1, 'Labor Day'],
    ['US', 'nth 4', 11, 4, 'Thanksgiving'],
    ['GB', 'nth 1', 5, 1, 'Early May bank holiday'],
    ['GB', 'last 1', 5, 0, 'Spring bank holiday'],
    ['GB', 'last 1', 8, 0, 'Summer bank holiday'],
    ['IE', 'day', 3, 17, "Saint Patrick''s Day"],
    ['IE', 'nth 1', 5, 1, 'May holiday'],
    ['IE', 'nth 1', 6, 1, 'June holiday'],
    ['IE', 'nth 1', 8, 1, 'August holiday'],
    ['IE', 'last 1', 10, 0, 'October holiday'],
    ['IE', 'day', 12, 26, "Saint Stephen''s Day"],
    ['CA', 'until 1', 5, 24, 'Victoria Day'],
    ['CA', 'day', 7, 1, 'Canada Day'],
    ['CA', 'nth 1', 9, 1, 'Labour Day'],
    ['CA', 'nth 1', 10, 2, 'Thanksgiving'],
    ['AU', 'day', 1, 26, 'Australia Day'],
    ['AU', 'day', 4, 25, 'Anzac Day'],
    ['JP', 'day', 1, 2, 'New Year holiday'],
    ['JP', 'day', 4, 29, 'Showa Day'],
    ['JP', 'day', 5, 3, 'Constitution Day'],
    ['JP', 'day', 5, 4, 'Greenery Day'],
    ['JP', 'day', 5, 5, "Children''s Day"],
    ['DE', 'day', 10, 3, 'German Unity Day'],
    ['FR', 'day', 5, 8, 'Victory Day'],
    ['FR', 'day', 7, 14, 'Bastille Day'],
    ['FR', 'day', 11, 11, 'Armistice Day'],
    ['NL', 'not sunday', 4, 27, "King''s Day"],
] %}

with

venues as (

    select distinct country from {{ ref('stg_app__locations') }}
    where country is not null

),

rules as (

    {%- for countries, kind, month, n, name in rules %}
    select
        '{{ countries }}' as countries,
        '{{ kind.split(" ")[0] }}' as kind,
        {{ month }} as month,
        {{ kind.split(" ")[1] if kind[:3] in ["nth", "las", "unt"] else 0 }} as weekday,
        {{ n }} as n,
        '{{ name }}' as holiday_name
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}

),

days as (

    {{ date_series("'2023-01-01'::date", as_of_date() ~ ' + 1') }}

),

years as (

    select distinct extract(year from date)::int as year from days

),

-- Easter by the Gregorian computus (Oudin, as the US Naval Observatory prints it)
centuries as (

    select
        year,
        year / 100 as century,
        mod(year, 19) as golden
    from years

),

moons as (

    select
        centuries.*,
        mod(
            century - century / 4 - (century - (century - 17) / 25) / 3
            + 19 * golden + 15,
            30
        ) as raw_age
    from centuries

),

full_moons as (

    select
        moons.*,
        raw_age - (raw_age / 28) * (
            1 - (raw_age / 28) * (29 / (raw_age + 1)) * ((21 - golden) / 11)
        ) as age
    from moons

),

easters as (

    select
        year,
        make_date(year, 3, 28)
        + age
        - mod(year + year / 4 + age + 2 - century + century / 4, 7) as easter
    from full_moons

),

-- each rule's anchor: the day from which its weekday is looked for
anchored as (

    select
        rules.*,
        easters.easter,
        case
            when rules.kind = 'easter' then easters.easter + rules.n
            when rules.kind = 'nth' then make_date(easters.year, rules.month, 1)
            when rules.kind = 'last'
                then
                    (
                        make_date(easters.year, rules.month, 1) + interval '1 month'
                    )::date - 1
            else make_date(easters.year, rules.month, rules.n)
        end as anchor
    from rules
    cross join easters

),

dated as (

    select
        countries,
        holiday_name,
        case
            when kind = 'nth'
                then
                    anchor
                    + mod(weekday - extract(isodow from anchor)::int + 7, 7)
                    + 7 * (n - 1)
            when kind in ('last', 'until')
                then anchor - mod(extract(isodow from anchor)::int - weekday + 7, 7)
            -- a King's Day that would be a Sunday is kept the day before
            when kind = 'not'
                then
                    anchor - case when extract(isodow from anchor) = 7 then 1 else 0 end
            else anchor
        end as date
    from anchored

)

select
    venues.country,
    dated.date,
    min(dated.holiday_name) as holiday_name
from dated
inner join days on dated.date = days.date
inner join venues
    on
        dated.countries = 'all'
        or (dated.countries = 'all but JP' and venues.country <> 'JP')
        or venues.country = any({{ split_list('dated.countries') }})
group by venues.country, dated.date
