{{ config(indexes=[{'columns': ['account_id'], 'unique': true}]) }}

-- What an account's subscriptions come to now: MRR, balance, renewal, churn reason.
with

lifecycles as (

    select * from {{ ref('int_subscriptions__lifecycle') }}

),

mrr_days as (

    select * from {{ ref('int_accounts__mrr_daily') }}

),

ranked as (

    select
        lifecycles.*,
        row_number() over (
            partition by lifecycles.account_id
            order by
                lifecycles.life_ended_at desc nulls last,
                lifecycles.subscription_id asc
        ) as rank_ended,
        row_number() over (
            partition by lifecycles.account_id
            order by
                lifecycles.is_alive desc,
                lifecycles.mrr_local desc nulls last,
                lifecycles.subscription_id asc
        ) as rank_main
    from lifecycles

),

by_account as (

    select
        account_id,
        sum(mrr_usd) as mrr_usd,
        sum(billed_lifetime_usd) as lifetime_revenue_usd,
        sum(refunded_lifetime_usd) as lifetime_refunds_usd,
        sum(open_balance_usd) as open_balance_usd,
        sum(open_balance_usd - past_due_usd) as not_due_usd,
        sum(past_due_under_31_days_usd) as past_due_under_31_days_usd,
        sum(past_due_over_30_days_usd) as past_due_over_30_days_usd,
        max(days_past_due) as days_past_due,
        min(renewal_date) filter (where is_alive and not is_cancel_at_period_end)
            as next_renewal_date,
        max(discount_pct) filter (where rank_main = 1 and is_alive) as discount_pct,
        max(churn_type) filter (where rank_ended = 1 and life_ended_at is not null)
            as churn_type,
        max(coalesce(cancel_feedback, cancel_reason)) filter (
            where rank_ended = 1 and life_ended_at is not null
        ) as churn_reason
    from ranked
    group by account_id

),

past as (

    select
        account_id,
        sum(mrr_usd) filter (where date = {{ as_of_date_once() }} - 30)
            as mrr_30d_ago_usd,
        sum(mrr_usd) filter (
            where date = ({{ as_of_date_once() }} - interval '1 year')::date
        ) as mrr_12m_ago_usd
    from mrr_days
    where
        date in (
            {{ as_of_date() }} - 30, ({{ as_of_date() }} - interval '1 year')::date
        )
    group by account_id

)

select
    by_account.account_id,
    by_account.mrr_usd,
    12 * by_account.mrr_usd as arr_usd,
    by_account.lifetime_revenue_usd,
    by_account.lifetime_refunds_usd,
    by_account.open_balance_usd,
    by_account.not_due_usd,
    by_account.past_due_under_31_days_usd,
    by_account.past_due_over_30_days_usd,
    by_account.days_past_due,
    by_account.next_renewal_date,
    by_account.discount_pct,
    by_account.churn_type,
    by_account.churn_reason,
    coalesce(past.mrr_30d_ago_usd, 0) as mrr_30d_ago_usd,
    coalesce(past.mrr_12m_ago_usd, 0) as mrr_12m_ago_usd
from by_account
left join past on by_account.account_id = past.account_id
