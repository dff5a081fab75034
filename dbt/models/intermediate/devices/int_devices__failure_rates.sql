{{ config(indexes=[{'columns': ['production_batch', 'age_band'], 'unique': true}]) }}

{#- how many failures of the fleet's usual rate each estimate is mixed with -#}
{%- set prior_failures = 4 %}

-- How often devices fail, by production batch and years of age: failures for each day
-- in service, each estimate drawn towards the fleet's rate where little has been seen.
-- The two are taken to act independently of each other.
with

assignments as (

    select * from {{ ref('int_devices__assignments') }}

),

outages as (

    select * from {{ ref('int_devices__outages') }}
    where cause = 'failure'

),

bands as (

    select
        ages.age_band,
        ages.first_day,
        ages.last_day
    from (
        values (0, 0, 365), (1, 365, 730), (2, 730, 36500)
    ) as ages (age_band, first_day, last_day)

),

-- the days a device has been in service at each age
exposure as (

    select
        assignments.device_id,
        assignments.production_batch,
        bands.age_band,
        greatest(
            0,
            extract(epoch from (
                least(
                    assignments.valid_to,
                    {{ as_of() }},
                    assignments.first_installed_at
                    + bands.last_day * interval '1 day'
                )
                - greatest(
                    assignments.valid_from,
                    assignments.first_installed_at
                    + bands.first_day * interval '1 day'
                )
            )) / 86400
        ) as service_days
    from assignments
    cross join bands

),

first_installs as (

    select
        device_id,
        min(production_batch) as production_batch,
        min(first_installed_at) as first_installed_at
    from assignments
    group by device_id

),

failures as (

    select
        first_installs.production_batch,
        case
            when outages.started_at
                < first_installs.first_installed_at + interval '365 days' then 0
            when outages.started_at
                < first_installs.first_installed_at + interval '730 days' then 1
            else 2
        end as age_band
    from outages
    inner join first_installs on outages.device_id = first_installs.device_id

),

observed as (

    select
        production_batch,
        age_band,
        service_days,
        0 as failures
    from exposure
    union all
    select
        production_batch,
        age_band,
        0 as service_days,
        1 as failures
    from failures

),

fleet as (

    select
        sum(service_days) as service_days,
        sum(failures)::numeric as failures
    from observed

),

by_batch as (

    select
        production_batch,
        sum(service_days) as service_days,
        sum(failures) as failures
    from observed
    group by production_batch

),

by_age as (

    select
        age_band,
        sum(service_days) as service_days,
        sum(failures) as failures
    from observed
    group by age_band

),

estimated as (

    select
        by_batch.production_batch,
        by_age.age_band,
        by_batch.failures::integer as batch_failures,
        by_batch.service_days as batch_service_days,
        fleet.failures / nullif(fleet.service_days, 0) as fleet_rate,
        (by_batch.failures + {{ prior_failures }})
        / (
            by_batch.service_days * fleet.failures / nullif(fleet.service_days, 0)
            + {{ prior_failures }}
        ) as batch_ratio,
        (by_age.failures + {{ prior_failures }})
        / (
            by_age.service_days * fleet.failures / nullif(fleet.service_days, 0)
            + {{ prior_failures }}
        ) as age_ratio
    from by_batch
    cross join by_age
    cross join fleet

)

select
    production_batch,
    age_band,
    batch_failures,
    round(batch_service_days, 4) as batch_service_days,
    round(fleet_rate, 12) as fleet_failures_per_day,
    round(batch_ratio, 6) as batch_ratio,
    round(age_ratio, 6) as age_ratio,
    -- a month at that rate with no failure, taken away from certainty
    round(
        1 - exp(-30 * round(fleet_rate * batch_ratio * age_ratio, 12))::numeric, 6
    ) as failure_probability_30d
from estimated
