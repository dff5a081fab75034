{{
    config(
        materialized='table',
        post_hook=[
            "create index on {{ this }}"
            " using hnsw (feature_vector vector_cosine_ops)"
        ]
    )
}}

with

customers as (

    select * from {{ ref('entity_customers') }}
    where customer_status in ('active', 'past_due', 'paused')

),

-- Sizes and money are lopsided, so their logarithms are compared.
measures as (

    select
        account_id,
        ln(1 + mrr_usd)::double precision as money,
        ln(1 + location_count)::double precision as venues,
        ln(1 + user_count)::double precision as people,
        ln(1 + seats_purchased)::double precision as seats,
        ln(1 + lifetime_revenue_usd)::double precision as lifetime,
        ln(1 + tenure_days)::double precision as tenure,
        (mrr_usd / nullif(location_count, 0))::double precision as money_per_venue,
        discount_pct::double precision as discount,
        case billing_interval
            when 'month' then 1 when 'quarter' then 3 when 'year' then 12
        end::double precision as months_billed
    from customers

),

spread as (

    select
        avg(money) as money_mean,
        stddev_pop(money) as money_spread,
        avg(venues) as venues_mean,
        stddev_pop(venues) as venues_spread,
        avg(people) as people_mean,
        stddev_pop(people) as people_spread,
        avg(seats) as seats_mean,
        stddev_pop(seats) as seats_spread,
        avg(lifetime) as lifetime_mean,
        stddev_pop(lifetime) as lifetime_spread,
        avg(tenure) as tenure_mean,
        stddev_pop(tenure) as tenure_spread,
        avg(money_per_venue) as money_per_venue_mean,
        stddev_pop(money_per_venue) as money_per_venue_spread,
        avg(discount) as discount_mean,
        stddev_pop(discount) as discount_spread,
        avg(months_billed) as months_billed_mean,
        stddev_pop(months_billed) as months_billed_spread
    from measures

)

select
    customers.account_id,
    customers.account_name,
    customers.segment,
    customers.country,
    customers.plan_tier,
    customers.mrr_usd,
    array[
        {%- for measure in [
            'money', 'venues', 'people', 'seats', 'lifetime', 'tenure',
            'money_per_venue', 'discount', 'months_billed'
        ] %}
        -- in spreads from the mean, cut at three; what is not known lies at the mean
        greatest(-3, least(3, coalesce(
            (measures.{{ measure }} - spread.{{ measure }}_mean)
            / nullif(spread.{{ measure }}_spread, 0),
            0
        ))){% if not loop.last %},{% endif %}
        {%- endfor %}
    ]::vector(9) as feature_vector
from customers
inner join measures on customers.account_id = measures.account_id
cross join spread
