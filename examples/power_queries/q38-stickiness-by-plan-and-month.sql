-- id: Q38
-- question: What is stickiness (mean DAU over MAU at the month's end) by plan tier and
--     month?
-- dashboard: Product
-- difficulty: medium
-- tables: entity_customers_daily
-- key: month, plan_tier
-- reading: On a mean day of the month, the share of the month's people who came. Plan
--     and customer are those of the row's day, so an upgrade moves people between the
--     rows.
-- excludes: Accounts that were no customer on the day (trials, churned), the running
--     month.

with

days as (

    select
        date,
        plan_tier,
        sum(active_users) as dau,
        sum(active_users_30d) as mau
    from entities.entity_customers_daily
    where
        is_customer
        and date < date_trunc('month', (select as_of_date()) + 1)::date
    group by date, plan_tier

),

dated as (

    select
        days.*,
        date_trunc('month', date)::date as month,
        (date_trunc('month', date) + interval '1 month - 1 day')::date as month_end
    from days

),

months as (

    select
        month,
        plan_tier,
        1.0 * sum(dau) / (month_end - month + 1) as mean_dau,
        sum(mau) filter (where date = month_end) as mau_at_month_end
    from dated
    group by month, month_end, plan_tier

)

select
    month,
    plan_tier,
    round(mean_dau, 2) as mean_dau,
    mau_at_month_end,
    round(mean_dau / mau_at_month_end, 4) as stickiness
from months
where mau_at_month_end > 0
order by month, plan_tier
