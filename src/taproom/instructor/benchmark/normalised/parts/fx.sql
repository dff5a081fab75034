-- Dollars for a unit of each currency on every day; a day without a rate has the last.
with

rates as (

    select
        from_currency as currency,
        rate_date as valid_from,
        coalesce(
            lead(rate_date) over (partition by from_currency order by rate_date),
            as_of_date() + 1
        ) as valid_to,
        rate
    from staging.stg_finance__fx_rate
    where to_currency = 'USD' and from_currency <> 'USD'

)

select
    rates.currency,
    days.day::date as date,
    rates.rate as rate_to_usd
from rates
cross join
    lateral generate_series(
        rates.valid_from, rates.valid_to - 1, interval '1 day'
    ) as days (day)
union all
select
    'USD' as currency,
    days.day::date as date,
    1.0 as rate_to_usd
from generate_series('2022-12-31'::date, as_of_date(), interval '1 day') as days (day)
