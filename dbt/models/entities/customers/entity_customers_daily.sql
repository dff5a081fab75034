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

with

changed as (

    select account_id from {{ ref('int_accounts__changes') }}
    where batch_seq > {{ built_through() }}

),

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

sm_days as (

    select * from {{ ref('int_accounts__sm_daily') }}

),

-- what was so at the end of the day, whatever is so today
account_days as (

    select
        days.date,
        attributes.account_id,
        attributes.country,
        attributes.signup_at,
        attributes.trial_started_at,
        attributes.trial_converted_at,
        versions.segment,
        versions.customer_status,
        versions.plan_tier,
        versions.billing_interval,
        (days.date - interval '1 year')::date as date_12m_ago
    from attributes
    inner join versions on attributes.account_id = versions.account_id
    inner join days
        on
            days.date >= attributes.rows_from
            and days.date <= coalesce(attributes.rows_to, '9999-12-31'::date)
            and days.date >= {{ first_day_shown('versions.valid_from') }}
            and days.date < {{ first_day_shown('versions.valid_to') }}
    {% if is_incremental() %}
    where
        days.date > {{ built_date() }}
        or attributes.account_id in (select account_id from changed)
        or days.{{ restated_sm_days() }}
    {% endif %}

),

joined as (

    select
        account_days.date,
        account_days.account_id,
        account_days.segment,
        account_days.country,
        account_days.plan_tier,
        account_days.billing_interval,
        account_days.customer_status,
        account_days.customer_status in ('active', 'past_due', 'paused')
            as is_customer,
        coalesce(mrr.mrr_usd, 0) > 0 as is_paying,
        account_days.customer_status = 'trial' as is_trialing,
        date_trunc('month', {{ utc_date('account_days.signup_at') }})::date
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
            when account_days.date_12m_ago >= {{ course_start() }}
                then coalesce(year_ago.mrr_usd, 0)
        end as mrr_12m_ago_usd,
        case
            when account_days.date_12m_ago >= {{ course_start() }}
                then coalesce(year_ago.mrr_constant_fx_usd, 0)
        end as mrr_constant_fx_12m_ago_usd,
        case
            when account_days.date_12m_ago >= {{ course_start() }}
                then
                    least(
                        coalesce(mrr.mrr_constant_fx_usd, 0),
                        coalesce(year_ago.mrr_constant_fx_usd, 0)
                    )
        end as mrr_retained_gross_12m_usd,
        coalesce(mrr.is_new_logo, false) as is_new_logo,
        coalesce(mrr.is_churned_logo, false) as is_churned_logo,
        coalesce(
            account_days.date
            = {{ first_day_shown('account_days.trial_started_at') }},
            false
        ) as is_trial_start,
        coalesce(
            account_days.date
            = {{ first_day_shown('account_days.trial_converted_at') }},
            false
        ) as is_trial_conversion,
        sm_days.sm_spend_allocated_usd,
        coalesce(mrr.cash_collected_usd, 0) as cash_collected_usd,
        coalesce(mrr.refunds_usd, 0) as refunds_usd
    from account_days
    inner join sm_days on account_days.date = sm_days.date
    left join mrr
        on
            account_days.account_id = mrr.account_id
            and account_days.date = mrr.date
    left join mrr as year_ago
        on
            account_days.account_id = year_ago.account_id
            and account_days.date_12m_ago = year_ago.date

)

select * from joined
