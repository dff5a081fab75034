with

customer_spans as (

    select *
    from account_states
    where customer_status in ('active', 'past_due', 'paused')

),

month_ends as (

    select
        first_day::date as month,
        (first_day + interval '1 month - 1 day')::date as month_end
    from
        generate_series(
            '2024-01-01'::timestamp, as_of_date()::timestamp, interval '1 month'
        ) as months (first_day)

),

daily as (

    select
        date_trunc('month', active_days.date)::date as month,
        customer_spans.plan_tier,
        count(*) as user_days
    from active_days
    inner join customer_spans
        on
            active_days.account_id = customer_spans.account_id
            and active_days.date >= customer_spans.valid_from
            and active_days.date < customer_spans.valid_to
    where active_days.date >= '2024-01-01'
    group by date_trunc('month', active_days.date), customer_spans.plan_tier

),

monthly as (

    select
        month_ends.month,
        month_ends.month_end,
        customer_spans.plan_tier,
        count(distinct active_days.user_id) as mau
    from month_ends
    inner join active_days
        on
            active_days.date > month_ends.month_end - 30
            and active_days.date <= month_ends.month_end
    inner join customer_spans
        on
            active_days.account_id = customer_spans.account_id
            and month_ends.month_end >= customer_spans.valid_from
            and month_ends.month_end < customer_spans.valid_to
    where month_ends.month_end <= as_of_date()
    group by month_ends.month, month_ends.month_end, customer_spans.plan_tier

)

select
    monthly.month,
    monthly.plan_tier,
    round(
        1.0 * coalesce(daily.user_days, 0) / (monthly.month_end - monthly.month + 1), 2
    ) as mean_dau,
    monthly.mau as mau_at_month_end,
    round(
        1.0 * coalesce(daily.user_days, 0)
        / (monthly.month_end - monthly.month + 1)
        / monthly.mau,
        4
    ) as stickiness
from monthly
left join daily
    on monthly.month = daily.month and monthly.plan_tier = daily.plan_tier
order by monthly.month, monthly.plan_tier
