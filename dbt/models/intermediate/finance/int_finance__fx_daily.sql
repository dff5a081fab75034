{{ config(indexes=[{'columns': ['currency', 'date'], 'unique': true}]) }}

with

rates as (

    select * from {{ ref('stg_finance__fx_rate') }}
    where to_currency = 'USD' and from_currency <> 'USD'

),

days as (

    select * from {{ ref('int_calendar__days') }}

),

currencies as (

    select distinct from_currency as currency from rates

),

-- every day of the calendar, and the days before it that have a rate
currency_days as (

    select
        days.date,
        currencies.currency
    from days
    cross join currencies
    union distinct
    select
        rate_date as date,
        from_currency as currency
    from rates

),

-- a day without a rate belongs to the last one before; counting rates numbers the
-- stretches
stretches as (

    select
        currency_days.date,
        currency_days.currency,
        rates.rate,
        rates.rate_date,
        rates._batch_seq as batch_seq,
        count(rates.rate) over (
            partition by currency_days.currency order by currency_days.date
        ) as stretch_no
    from currency_days
    left join rates
        on
            currency_days.currency = rates.from_currency
            and currency_days.date = rates.rate_date

),

held as (

    select
        date,
        currency,
        max(rate) over (partition by currency, stretch_no) as rate_to_usd,
        max(rate_date) over (partition by currency, stretch_no) as rate_date,
        max(batch_seq) over (partition by currency, stretch_no) as batch_seq
    from stretches

),

filled as (

    select held.*
    from held
    inner join days on held.date = days.date
    where held.rate_to_usd is not null

),

us_dollars as (

    select
        date,
        'USD' as currency,
        1.0 as rate_to_usd,
        date as rate_date,
        0::bigint as batch_seq
    from days

)

select * from filled
union all
select * from us_dollars
