{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='subscription_id',
    changes_from='int_subscriptions__changes',
    grain_date='month',
    indexes=[{'columns': ['subscription_id', 'month'], 'unique': true}]
) }}

{%- set is_changed = only_changed('int_subscriptions__changes', 'subscription_id') %}

-- One row a subscription and month: where MRR opened, how it moved, where it closed.
-- The month of the clock runs to the last complete day.
with

new_days as (

    select * from {{ ref('int_subscriptions__daily') }}
    where date >= {{ open_month() }}

),

{% if is_incremental() -%}
old_days as (

    select * from {{ ref('int_subscriptions__daily') }}
    where
        date < {{ open_month() }}
        and {{ is_changed }}

),

{% endif -%}
lifecycle as (

    select * from {{ ref('int_subscriptions__lifecycle') }}

),

segments as (

    select * from {{ ref('int_accounts__segment_spans') }}

),

accounts as (

    select * from {{ ref('int_accounts__attributes') }}

),

-- all months of the subscriptions that changed, the newest months of the others
scoped as (

    select * from new_days
    {%- if is_incremental() %}
    union all
    select * from old_days
    {%- endif %}

),

summed as (

    select
        subscription_id,
        date_trunc('month', date)::date as month,
        min(date) as first_date,
        max(date) as last_date,
        sum(mrr_new_usd) as mrr_new_usd,
        sum(mrr_expansion_usd) as mrr_expansion_usd,
        sum(mrr_contraction_usd) as mrr_contraction_usd,
        sum(mrr_churn_usd) as mrr_churn_usd,
        sum(mrr_reactivation_usd) as mrr_reactivation_usd,
        sum(mrr_fx_usd) as mrr_fx_usd,
        sum(billed_usd) as billed_usd,
        sum(collected_usd) as collected_usd,
        sum(recognised_revenue_usd) as recognised_revenue_usd,
        max(churn_type) as churn_type
    from scoped
    group by subscription_id, date_trunc('month', date)::date

),

final as (

    select
        -- keys
        summed.month,
        last_days.subscription_id,
        last_days.account_id,

        -- as of the last row of the month
        segments.segment as account_segment,
        accounts.country,
        last_days.plan_tier,
        last_days.billing_interval,
        last_days.currency,
        last_days.cohort_month,
        {{ months_between('last_days.cohort_month', 'summed.month') }}
            as months_since_start,

        -- from the MRR the month opened with to the MRR it closed with
        first_days.opening_mrr_usd::numeric(18, 6) as opening_mrr_usd,
        summed.mrr_new_usd::numeric(18, 6) as mrr_new_usd,
        summed.mrr_expansion_usd::numeric(18, 6) as mrr_expansion_usd,
        summed.mrr_contraction_usd::numeric(18, 6) as mrr_contraction_usd,
        summed.mrr_churn_usd::numeric(18, 6) as mrr_churn_usd,
        summed.mrr_reactivation_usd::numeric(18, 6) as mrr_reactivation_usd,
        summed.mrr_fx_usd::numeric(18, 6) as mrr_fx_usd,
        last_days.mrr_usd::numeric(18, 6) as closing_mrr_usd,
        (
            case
                when last_days.cohort_month is not null then lifecycle.initial_mrr_usd
            end
        )
        ::numeric(18, 6) as cohort_initial_mrr_usd,

        -- billing
        summed.billed_usd::numeric(18, 6) as billed_usd,
        summed.collected_usd::numeric(18, 6) as collected_usd,
        summed.recognised_revenue_usd::numeric(18, 6) as recognised_revenue_usd,

        -- the end of the subscription's life, if it came in this month and stayed
        summed.churn_type is not null and not last_days.is_alive as is_churned,
        case when not last_days.is_alive then summed.churn_type end as churn_type
    from summed
    inner join scoped as first_days
        on
            summed.subscription_id = first_days.subscription_id
            and summed.first_date = first_days.date
    inner join scoped as last_days
        on
            summed.subscription_id = last_days.subscription_id
            and summed.last_date = last_days.date
    inner join lifecycle on last_days.subscription_id = lifecycle.subscription_id
    inner join accounts on last_days.account_id = accounts.account_id
    left join segments
        on
            last_days.account_id = segments.account_id
            and last_days.date >= segments.valid_from
            and last_days.date < segments.valid_to

)

select * from final
