{{
    config(
        materialized='incremental',
        incremental_strategy='by_key',
        unique_key='account_id',
        changes_from='int_accounts__changes',
        grain_date='date',
        also_delete='restated_sm_days',
        indexes=[
            {'columns': ['account_id', 'date'], 'unique': true},
            {'columns': ['date']}
        ]
    )
}}

{%- set is_changed = only_changed('int_accounts__changes', 'account_id') %}

{%- set restated_days = restated_sm_days() %}

with

attributes as (

    select * from {{ ref('int_accounts__attributes') }}

),

versions as (

    select * from {{ ref('int_accounts__versions') }}
    where superseded_at = {{ far_future() }}

),

days as (

    select * from {{ ref('int_calendar__days') }}
    where date >= {{ course_start() }} and date <= {{ as_of_date() }}

),

mrr as (

    select * from {{ ref('int_accounts__mrr_daily') }}

),

-- read a second time, not joined twice: each reading finds its days by the index
mrr_year_ago as (

    select * from {{ ref('int_accounts__mrr_daily') }}

),

sm_days as (

    select * from {{ ref('int_accounts__sm_daily') }}

),

-- what was so at the end of the day, whatever is so today
account_versions as (

    select
        attributes.account_id,
        attributes.country,
        attributes.signup_at,
        attributes.trial_started_at,
        attributes.trial_converted_at,
        versions.segment,
        versions.customer_status,
        versions.plan_tier,
        versions.billing_interval,
        greatest(
            attributes.rows_from, {{ first_day_shown('versions.valid_from') }}
        ) as first_day,
        least(
            coalesce(attributes.rows_to, '9999-12-31'::date),
            {{ first_day_shown('versions.valid_to') }} - 1
        ) as last_day
    from attributes
    inner join versions on attributes.account_id = versions.account_id

),

{% if is_incremental() -%}
changed_versions as (

    select * from account_versions
    where {{ is_changed }}

),

{% endif -%}
account_days as (

    select
        days.date,
        account_versions.*
    from account_versions
    inner join days
        on
            days.date >= account_versions.first_day
            and days.date <= account_versions.last_day
    {% if is_incremental() %}
    where days.date > {{ built_date() }} or {{ restated_days }}
    union all
    -- accounts that changed get their older days anew as well
    select
        days.date,
        changed_versions.*
    from changed_versions
    inner join days
        on
            days.date >= changed_versions.first_day
            and days.date <= changed_versions.last_day
    where not (days.date > {{ built_date() }} or {{ restated_days }})
    {% endif %}

),

year_apart as (

    select
        account_days.*,
        (date - interval '1 year')::date as date_12m_ago
    from account_days

),

joined as (

    select
        year_apart.date,
        year_apart.account_id,
        year_apart.segment,
        year_apart.country,
        year_apart.plan_tier,
        year_apart.billing_interval,
        year_apart.customer_status,
        year_apart.customer_status in ('active', 'past_due', 'paused')
            as is_customer,
        coalesce(mrr.mrr_usd, 0) > 0 as is_paying,
        year_apart.customer_status = 'trial' as is_trialing,
        date_trunc('month', {{ utc_date('year_apart.signup_at') }})::date
            as signup_cohort_month,
        coalesce(mrr.mrr_usd, 0) as mrr_usd,
        12 * coalesce(mrr.mrr_usd, 0) as arr_usd,
        coalesce(mrr.mrr_constant_fx_usd, 0) as mrr_constant_fx_usd,
        coalesce(mrr.opening_mrr_usd, 0) as opening_mrr_usd,
        coalesce(mrr.mrr_new_usd, 0) as mrr_new_usd,
        coalesce(mrr.mrr_expansion_usd, 0) as mrr_expansion_usd,
        coalesce(mrr.mrr_contraction_usd, 0) as mrr_contraction_usd,
        coalesce(mrr.mrr_churn_usd, 0) as mrr_churn_usd,
        coalesce(mrr.mrr_reactivation_usd, 0) as mrr_reactivation_usd,
        coalesce(mrr.mrr_fx_usd, 0) as mrr_fx_usd,
        -- the year before is known from the course's second year on
        case
            when year_apart.date_12m_ago >= {{ course_start() }}
                then coalesce(year_ago.mrr_usd, 0)
        end as mrr_12m_ago_usd,
        case
            when year_apart.date_12m_ago >= {{ course_start() }}
                then coalesce(year_ago.mrr_constant_fx_usd, 0)
        end as mrr_constant_fx_12m_ago_usd,
        case
            when year_apart.date_12m_ago >= {{ course_start() }}
                then
                    least(
                        coalesce(mrr.mrr_constant_fx_usd, 0),
                        coalesce(year_ago.mrr_constant_fx_usd, 0)
                    )
        end as mrr_retained_gross_12m_usd,
        coalesce(mrr.is_new_logo, false) as is_new_logo,
        coalesce(mrr.is_churned_logo, false) as is_churned_logo,
        coalesce(
            year_apart.date
            = {{ first_day_shown('year_apart.trial_started_at') }},
            false
        ) as is_trial_start,
        coalesce(
            year_apart.date
            = {{ first_day_shown('year_apart.trial_converted_at') }},
            false
        ) as is_trial_conversion,
        sm_days.sm_spend_allocated_usd,
        coalesce(mrr.cash_collected_usd, 0) as cash_collected_usd,
        coalesce(mrr.refunds_usd, 0) as refunds_usd
    from year_apart
    inner join sm_days on year_apart.date = sm_days.date
    left join mrr
        on
            year_apart.account_id = mrr.account_id
            and year_apart.date = mrr.date
    left join mrr_year_ago as year_ago
        on
            year_apart.account_id = year_ago.account_id
            and year_apart.date_12m_ago = year_ago.date

)

select * from joined
