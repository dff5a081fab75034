-- Takings of a month equal what the tills reported of days the venue was served, in the
-- currency they sell in.
with

reported as (

    select
        sales.currency,
        date_trunc('month', sales.business_date) as month,
        sum(sales.gross_sales) as takings
    from {{ ref('stg_pos__location_daily_sales') }} as sales
    inner join {{ ref('int_locations__attributes') }} as venues
        on sales.till_code = venues.till_code
    inner join {{ ref('entity_locations_daily') }} as days
        on
            venues.location_id = days.location_id
            and sales.business_date = days.date
    group by 1, 2

),

shown as (

    select
        currency,
        date_trunc('month', date) as month,
        sum(pos_revenue_local) as takings
    from {{ ref('entity_locations_daily') }}
    where pos_revenue_local is not null
    group by 1, 2

)

select coalesce(reported.currency, shown.currency) as currency
from reported
full join shown
    on reported.currency = shown.currency and reported.month = shown.month
where reported.takings is distinct from shown.takings
