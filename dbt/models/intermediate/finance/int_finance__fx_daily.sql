{{ config(indexes=[{'columns': ['currency', 'date'], 'unique': true}]) }}

with

rates as (

    select * from {{ ref('stg_finance__fx_rate') }}
    where to_currency = 'USD' and from_currency <> 'USD'

),

days as (

    select * from {{ ref('int_calendar__days') }}

),

-- a rate holds until the next one; the first also holds before its own day
spans as (

    select
        from_currency as currency,
        rate,
        rate_date,
        _batch_seq as batch_seq,
        case
            when row_number() over (partition by from_currency order by rate_date) = 1
                then '1900-01-01'::date
            else rate_date
        end as valid_from,
        coalesce(
            lead(rate_date) over (partition by from_currency order by rate_date),
            '9999-12-31'::date
        ) as valid_to
    from rates

),

filled as (

    select
        days.date,
        spans.currency,
        spans.rate as rate_to_usd,
        spans.rate_date,
        spans.batch_seq
    from days
    inner join spans on days.date >= spans.valid_from and days.date < spans.valid_to

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
