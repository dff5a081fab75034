{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='subscription_id',
    changes_from='int_subscriptions__changes',
    grain_date='date',
    indexes=[
        {'columns': ['subscription_id', 'date'], 'unique': true},
        {'columns': ['date']}
    ]
) }}

{%- set is_changed = only_changed('int_subscriptions__changes', 'subscription_id') %}

-- One row a subscription and UTC day, from 2024-01-01 or its start to its end, and each
-- later day on which something was billed, paid or earned.
with

new_days as (

    select * from {{ ref('int_subscriptions__daily') }}
    where date > {{ built_date() }}

),

{% if is_incremental() -%}
old_days as (

    select * from {{ ref('int_subscriptions__daily') }}
    where date <= {{ built_date() }} and {{ is_changed }}

),

{% endif -%}
accounts as (

    select * from {{ ref('int_accounts__attributes') }}

),

segments as (

    select * from {{ ref('int_accounts__segment_spans') }}

),

-- all days of the subscriptions that changed, new days of the others; two branches, so
-- that each finds its rows by an index
daily as (

    select * from new_days
    {%- if is_incremental() %}
    union all
    select * from old_days
    {%- endif %}

),

final as (

    select
        -- keys
        daily.date,
        daily.subscription_id,
        daily.account_id,

        -- the account and the terms on that day
        segments.segment as account_segment,
        accounts.country,
        daily.plan_tier,
        daily.billing_interval,
        daily.currency,
        daily.subscription_status,
        daily.cohort_month,
        {{ months_between('daily.cohort_month', 'daily.date') }} as months_since_start,

        -- MRR at the day's end
        daily.mrr_usd::numeric(18, 6) as mrr_usd,
        daily.mrr_constant_fx_usd::numeric(18, 6) as mrr_constant_fx_usd,
        daily.list_mrr_usd::numeric(18, 6) as list_mrr_usd,
        daily.discount_mrr_usd::numeric(18, 6) as discount_mrr_usd,

        -- from yesterday's MRR to today's
        daily.opening_mrr_usd::numeric(18, 6) as opening_mrr_usd,
        daily.mrr_new_usd::numeric(18, 6) as mrr_new_usd,
        daily.mrr_expansion_usd::numeric(18, 6) as mrr_expansion_usd,
        daily.mrr_contraction_usd::numeric(18, 6) as mrr_contraction_usd,
        daily.mrr_churn_usd::numeric(18, 6) as mrr_churn_usd,
        daily.mrr_reactivation_usd::numeric(18, 6) as mrr_reactivation_usd,
        daily.mrr_fx_usd::numeric(18, 6) as mrr_fx_usd,
        daily.movement_type,
        daily.churn_type,

        -- billing of the day
        daily.billed_usd::numeric(18, 6) as billed_usd,
        daily.collected_usd::numeric(18, 6) as collected_usd,
        daily.refunded_usd::numeric(18, 6) as refunded_usd,
        daily.failed_payments,
        daily.recovered_payments,
        daily.recognised_revenue_usd::numeric(18, 6) as recognised_revenue_usd,

        -- balances at the day's end
        daily.deferred_revenue_usd::numeric(18, 6) as deferred_revenue_usd,
        daily.past_due_usd::numeric(18, 6) as past_due_usd
    from daily
    inner join accounts on daily.account_id = accounts.account_id
    left join segments
        on
            daily.account_id = segments.account_id
            and daily.date >= segments.valid_from
            and daily.date < segments.valid_to

)

select * from final
