with

signups as (

    select
        customers.account_id,
        min(accounts.created_at) as signup_at
    from staging.stg_app__accounts as accounts
    inner join customers on accounts.account_id = customers.raw_account_id
    group by customers.account_id

),

lives as (

    select distinct account_id
    from subscription_versions
    where
        subscription_status in ('active', 'past_due', 'paused')
        and valid_from < valid_to

),

-- accounts are looked at from their sign-up on, those that never got beyond a trial
-- until 30 days after it
account_days as (

    select
        signups.account_id,
        greatest((signups.signup_at at time zone 'UTC')::date, '2024-01-01'::date)
            as first_day,
        case
            when lives.account_id is not null then '9999-12-31'::date
            else
                coalesce(
                    (accounts.trial_ends_at at time zone 'UTC')::date + 30,
                    '9999-12-31'::date
                )
        end as last_day
    from signups
    inner join staging.stg_app__accounts as accounts
        on signups.account_id = accounts.account_id
    left join lives on signups.account_id = lives.account_id

),

days as (

    select day::date as date
    from generate_series(as_of_date() - 89, as_of_date(), interval '1 day')
            as days (day)

),

counted as (

    select
        days.date,
        count(*) filter (where active_days.date = days.date) as dau,
        count(distinct active_days.user_id) filter (
            where active_days.date > days.date - 7
        ) as wau,
        count(distinct active_days.user_id) as mau
    from days
    inner join active_days
        on active_days.date > days.date - 30 and active_days.date <= days.date
    inner join account_days
        on
            active_days.account_id = account_days.account_id
            and days.date between account_days.first_day and account_days.last_day
    where active_days.date > as_of_date() - 120
    group by days.date

)

select
    days.date,
    coalesce(counted.dau, 0) as dau,
    coalesce(counted.wau, 0) as wau,
    coalesce(counted.mau, 0) as mau
from days
left join counted on days.date = counted.date
order by days.date
