{{
    config(
        materialized='incremental',
        incremental_strategy='by_key',
        unique_key='account_id',
        changes_from='int_accounts__changes',
        grain_date='month',
        indexes=[{'columns': ['account_id', 'month'], 'unique': true}]
    )
}}

{%- set is_changed = only_changed('int_accounts__changes', 'account_id') %}

-- The days of int_accounts__mrr_daily summed by month; the clock's month runs to the
-- last complete day.
with

days as (

    select
        *,
        date_trunc('month', date)::date as month
    from {{ ref('int_accounts__mrr_daily') }}
    {%- if is_incremental() %}
    where
        date >= {{ open_month() }}
        or {{ is_changed }}
    {%- endif %}

),

month_ends as (

    select
        month,
        max(date) as last_date
    from {{ ref('int_calendar__days') }}
    group by month

)

select
    days.account_id,
    days.month,
    -- no row at a month's edge: no subscription, no MRR
    coalesce(sum(days.opening_mrr_usd) filter (where days.date = days.month), 0)
        as opening_mrr_usd,
    sum(days.mrr_new_usd) as mrr_new_usd,
    sum(days.mrr_expansion_usd) as mrr_expansion_usd,
    sum(days.mrr_contraction_usd) as mrr_contraction_usd,
    sum(days.mrr_churn_usd) as mrr_churn_usd,
    sum(days.mrr_reactivation_usd) as mrr_reactivation_usd,
    sum(days.mrr_fx_usd) as mrr_fx_usd,
    coalesce(
        sum(days.mrr_usd) filter (where days.date = month_ends.last_date), 0
    ) as closing_mrr_usd,
    bool_or(days.is_new_logo) as is_new_logo,
    sum(days.cash_collected_usd) as cash_collected_usd,
    sum(days.refunds_usd) as refunds_usd
from days
inner join month_ends on days.month = month_ends.month
group by days.account_id, days.month
