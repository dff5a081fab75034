{{ config(materialized='table') }}

-- From which health band to which customers moved, from month's end to month's end.
with

-- of the running month its last complete day
month_ends as (

    select
        date_trunc('month', date)::date as month,
        max(date) as date
    from {{ ref('int_calendar__days') }}
    where date >= {{ course_start() }} and date <= {{ as_of_date() }}
    group by date_trunc('month', date)

),

accounts_at_ends as (

    select
        month_ends.month,
        month_ends.date,
        customers_daily.account_id,
        customers_daily.segment,
        customers_daily.country,
        customers_daily.plan_tier,
        customers_daily.mrr_usd,
        case when customers_daily.is_customer then customers_daily.health_band end
            as health_band
    from month_ends
    inner join {{ ref('entity_customers_daily') }} as customers_daily
        on month_ends.date = customers_daily.date

),

moves as (

    select
        this_end.month,
        this_end.date,
        this_end.segment,
        this_end.country,
        this_end.plan_tier,
        coalesce(last_end.health_band, 'none') as band_before,
        coalesce(this_end.health_band, 'none') as band_after,
        coalesce(last_end.mrr_usd, 0) as mrr_before_usd,
        this_end.mrr_usd as mrr_after_usd
    from accounts_at_ends as this_end
    left join accounts_at_ends as last_end
        on
            this_end.account_id = last_end.account_id
            and this_end.month = (last_end.month + interval '1 month')::date
    where
        -- the first month has no month before it
        this_end.month > {{ course_start() }}
        and (
            this_end.health_band is not null or last_end.health_band is not null
        )

)

select
    month,
    segment,
    country,
    plan_tier,
    band_before,
    band_after,
    case
        when band_before = 'none' then 'won'
        when band_after = 'none' then 'lost'
        when band_before = band_after then 'unchanged'
        when band_before = 'red' or band_after = 'green' then 'improved'
        else 'worsened'
    end as direction,
    to_char(month, 'YYYY-MM') as period,
    to_char(month, 'YYYY-"Q"Q') as quarter_name,
    {{ as_of_date_once() }} - max(date) as days_ago,
    {{ as_of_date_once() }} >= (month + interval '1 month')::date - 1 as is_complete,
    count(*) as customers,
    sum(mrr_before_usd) as mrr_before_usd,
    sum(mrr_after_usd) as mrr_after_usd
from moves
group by month, segment, country, plan_tier, band_before, band_after
