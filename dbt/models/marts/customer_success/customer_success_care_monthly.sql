{{ config(materialized='table') }}

-- How customers used the product and how they were looked after, by month: sums, so
-- that a mean of any group is the quotient of two of them.
with

customers_daily as (

    select
        *,
        date_trunc('month', date)::date as month
    from {{ ref('entity_customers_daily') }}
    where is_customer

),

month_ends as (

    select
        month,
        max(date) as last_date,
        extract(day from max(date))::integer as days
    from customers_daily
    group by month

)

select
    customers_daily.month,
    customers_daily.segment,
    customers_daily.country,
    customers_daily.plan_tier,
    to_char(customers_daily.month, 'YYYY-MM') as period,
    to_char(customers_daily.month, 'YYYY-"Q"Q') as quarter_name,
    date_trunc('quarter', customers_daily.month)::date as quarter_start,
    month_ends.days,
    {{ as_of_date_once() }} - month_ends.last_date as days_ago,
    {{ as_of_date_once() }}
    >= (customers_daily.month + interval '1 month')::date - 1 as is_complete,
    count(*) as customer_days,
    count(*) filter (where customers_daily.date = month_ends.last_date) as customers,
    coalesce(
        sum(customers_daily.active_users_30d) filter (
            where customers_daily.date = month_ends.last_date
        ),
        0
    ) as monthly_active_users,
    sum(customers_daily.active_users) as active_user_days,
    sum(customers_daily.tickets_opened) as tickets_opened,
    sum(customers_daily.p1_tickets_opened) as p1_tickets_opened,
    sum(customers_daily.tickets_first_replied) as tickets_first_replied,
    coalesce(sum(customers_daily.first_reply_minutes), 0) as first_reply_minutes,
    sum(customers_daily.tickets_solved) as tickets_solved,
    sum(customers_daily.tickets_reopened) as tickets_reopened,
    coalesce(sum(customers_daily.solving_minutes), 0) as solving_minutes,
    sum(customers_daily.csat_ratings) as csat_ratings,
    sum(customers_daily.csat_good_ratings) as csat_good_ratings,
    sum(customers_daily.nps_invitations) as nps_invitations,
    sum(customers_daily.nps_answers) as nps_answers,
    sum(customers_daily.nps_promoters) as nps_promoters,
    sum(customers_daily.nps_detractors) as nps_detractors,
    sum(customers_daily.csm_touches) as csm_touches
from customers_daily
inner join month_ends on customers_daily.month = month_ends.month
group by
    customers_daily.month,
    customers_daily.segment,
    customers_daily.country,
    customers_daily.plan_tier,
    month_ends.last_date,
    month_ends.days
