-- id: Q50
-- question: What is MRR per litre poured, by plan and month?
-- dashboard: Executive
-- difficulty: hard
-- tables: entity_locations_daily, entity_subscriptions_daily
-- key: plan_tier, month
-- reading: What a litre through a monitored tap pays. MRR is the mean of the month's
--     days, and of those account days only on which beer was measured, so that both
--     sides speak of the same customers. A fall can be cheaper contracts or thirstier
--     guests.
-- excludes: Accounts without MRR on the day, days without a recorded pour, the running
--     month, older months: measurements are kept for 13. Beer is counted by the venues'
--     business day, MRR by the UTC day.

with

subscriptions as (

    select
        account_id,
        date,
        plan_tier,
        mrr_usd,
        row_number() over (
            partition by account_id, date order by mrr_usd desc, subscription_id asc
        ) as place
    from entities.entity_subscriptions_daily
    where mrr_usd > 0

),

accounts as (

    select
        account_id,
        date,
        max(plan_tier) filter (where place = 1) as plan_tier,
        sum(mrr_usd) as mrr_usd
    from subscriptions
    group by account_id, date

),

poured as (

    select
        account_id,
        date,
        sum(volume_l) as litres
    from entities.entity_locations_daily
    group by account_id, date
    having sum(volume_l) > 0

),

months as (

    select
        accounts.plan_tier,
        date_trunc('month', accounts.date)::date as month,
        (date_trunc('month', accounts.date) + interval '1 month - 1 day')::date
            as month_end,
        sum(accounts.mrr_usd) as account_days_mrr_usd,
        sum(poured.litres) as litres
    from accounts
    inner join poured
        on accounts.account_id = poured.account_id and accounts.date = poured.date
    group by accounts.plan_tier, date_trunc('month', accounts.date)

)

select
    plan_tier,
    month,
    round(account_days_mrr_usd / (month_end - month + 1), 2) as mrr_usd,
    round(litres, 1) as litres,
    round(account_days_mrr_usd / (month_end - month + 1) / litres, 4)
        as mrr_usd_per_litre
from months
where
    month_end <= (select as_of_date())
    and month > date_trunc('month', (select as_of_date())) - interval '12 months'
order by plan_tier, month
