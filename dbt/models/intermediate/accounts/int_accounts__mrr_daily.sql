{{
    config(
        materialized='incremental',
        incremental_strategy='by_key',
        unique_key='account_id',
        changes_from='int_accounts__changes',
        grain_date='date',
        indexes=[
            {'columns': ['account_id', 'date'], 'unique': true},
            {'columns': ['date']}
        ]
    )
}}

{%- set is_changed = only_changed('int_accounts__changes', 'account_id') %}

-- MRR of an account at the end of each day, and the official movement of the day: the
-- subscriptions' exchange-rate effect first, then one movement for the net of the rest.
with

subscriptions as (

    select * from {{ ref('int_subscriptions__daily') }}
    {% if is_incremental() %}
    -- the day before the first new one is needed to know who was alive then
    where
        date >= {{ built_date() }}
        or {{ is_changed }}
    {% endif %}

),

spans as (

    select * from {{ ref('int_subscriptions__mrr_spans') }}

),

-- the first day an account had MRR, counted from the company's beginning
first_days as (

    select
        account_id,
        min(valid_from) as first_paid_on
    from spans
    where mrr_local > 0
    group by account_id

),

-- the opening book: who lived on the day before the course's first day
opening_lives as (

    select distinct account_id
    from spans
    where
        is_alive
        and valid_from < {{ course_start() }}
        and valid_to >= {{ course_start() }}

),

by_account as (

    select
        account_id,
        date,
        bool_or(is_alive) as is_alive,
        sum(opening_mrr_usd) as opening_mrr_usd,
        sum(mrr_usd) as mrr_usd,
        sum(mrr_constant_fx_usd) as mrr_constant_fx_usd,
        sum(movement_mrr_usd) as movement_usd,
        sum(collected_usd) as cash_collected_usd,
        sum(refunded_usd) as refunds_usd,
        sum(recognised_revenue_usd) as recognised_revenue_usd
    from subscriptions
    group by account_id, date

),

compared as (

    select
        by_account.*,
        by_account.mrr_usd - by_account.opening_mrr_usd - by_account.movement_usd
            as mrr_fx_usd,
        case
            when by_account.date = {{ course_start() }}
                then opening_lives.account_id is not null
            when
                lag(by_account.date) over days = by_account.date - 1
                then lag(by_account.is_alive) over days
            else false
        end as was_alive
    from by_account
    left join opening_lives on by_account.account_id = opening_lives.account_id
    window days as (partition by by_account.account_id order by by_account.date)

),

classified as (

    select
        compared.*,
        case
            when movement_usd = 0 then 'none'
            when
                mrr_usd > 0
                and (
                    first_days.first_paid_on is null
                    or first_days.first_paid_on >= compared.date
                )
                then 'new'
            when was_alive and is_alive and movement_usd > 0 then 'expansion'
            when was_alive and is_alive then 'contraction'
            when was_alive then 'churn'
            when is_alive then 'reactivation'
            when movement_usd > 0 then 'expansion'
            else 'contraction'
        end as movement_type,
        was_alive and not is_alive as is_churned_logo
    from compared
    left join first_days on compared.account_id = first_days.account_id

)

select
    date,
    account_id,
    is_alive,
    mrr_usd,
    mrr_constant_fx_usd,
    opening_mrr_usd,
    case when movement_type = 'new' then movement_usd else 0 end as mrr_new_usd,
    case when movement_type = 'expansion' then movement_usd else 0 end
        as mrr_expansion_usd,
    case when movement_type = 'contraction' then movement_usd else 0 end
        as mrr_contraction_usd,
    case when movement_type = 'churn' then movement_usd else 0 end as mrr_churn_usd,
    case when movement_type = 'reactivation' then movement_usd else 0 end
        as mrr_reactivation_usd,
    mrr_fx_usd,
    movement_type,
    movement_type = 'new' as is_new_logo,
    is_churned_logo,
    cash_collected_usd,
    refunds_usd,
    recognised_revenue_usd
from classified
{% if is_incremental() %}
where
    date > {{ built_date() }}
    or {{ is_changed }}
{% endif %}
