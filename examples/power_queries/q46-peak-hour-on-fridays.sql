-- id: Q46
-- question: At which hour do pours peak on Fridays, by country?
-- dashboard: Operations
-- difficulty: medium
-- tables: entity_devices_hourly
-- key: country
-- reading: The hour of the venue's own clock with the most pours on business days that
--     began on a Friday: after midnight it is still Friday night. The share says how
--     sharp the peak is.
-- excludes: Hours a device recorded nothing. The hourly table keeps 14 days, so this
--     rests on two Fridays.

with

fridays as (

    select day::date as friday
    from generate_series(as_of_date() - 13, as_of_date() + 1, '1 day') as days (day)
    where extract(isodow from day) = 5

),

hours as (

    select
        country,
        local_hour,
        sum(pours) as pours
    from entities.entity_devices_hourly
    where
        business_date = any(array(select friday from fridays))
        and pours is not null
    group by country, local_hour

),

ranked as (

    select
        country,
        local_hour,
        pours,
        sum(pours) over (partition by country) as friday_pours,
        row_number() over (
            partition by country order by pours desc, (local_hour + 18) % 24 asc
        ) as place
    from hours

)

select
    country,
    local_hour as peak_hour,
    pours as pours_in_peak_hour,
    round(1.0 * pours / nullif(friday_pours, 0), 4) as share_of_friday
from ranked
where place = 1
order by country
