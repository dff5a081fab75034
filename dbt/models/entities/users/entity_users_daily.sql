{{
    config(
        materialized='incremental',
        incremental_strategy='by_key',
        unique_key='user_id',
        changes_from='int_users__changes',
        grain_date='date',
        also_delete='news_of_user_days',
        indexes=[
            {'columns': ['user_id', 'date'], 'unique': true},
            {'columns': ['date']}
        ]
    )
}}

{%- set is_changed = only_changed('int_users__changes', 'user_id') %}
{%- set has_news = news_of_user_days() %}

with

daily as (

    select * from {{ ref('int_users__daily') }}
    where
        date >= {{ course_start() }}
        and date <= {{ as_of_date() }}
    {%- if is_incremental() %}
    and (
        {{ is_changed }}
        or date > {{ built_date() }}
        or {{ has_news }}
    )
    {%- endif %}

),

attributes as (

    select * from {{ ref('int_users__attributes') }}

),

activity as (

    select * from {{ ref('int_users__activity') }}

),

versions as (

    select
        account_id,
        segment,
        plan_tier,
        customer_status,
        {{ first_day_shown('valid_from') }} as first_day,
        {{ first_day_shown('valid_to') }} - 1 as last_day
    from {{ ref('int_accounts__versions') }}
    where superseded_at = {{ far_future() }}

),

joined as (

    select
        -- keys
        daily.date,
        daily.user_id,
        attributes.account_id,

        -- who, as of the day
        versions.segment as account_segment,
        versions.plan_tier,
        versions.customer_status,
        attributes.user_role as role,
        attributes.country,
        {{ monday('attributes.signup_on') }} as signup_cohort_week,
        daily.date - attributes.signup_on as days_since_signup,

        -- what
        daily.is_active,
        coalesce(daily.date = activity.first_active_on, false) as is_first_active_day,
        daily.sessions,
        daily.mobile_sessions,
        daily.events,
        daily.errors,
        daily.page_views,
        daily.minutes::numeric(18, 2) as minutes,
        daily.features_used,
        daily.key_feature_used
    from daily
    inner join attributes on daily.user_id = attributes.user_id
    left join activity on daily.user_id = activity.user_id
    left join versions
        on
            attributes.account_id = versions.account_id
            and daily.date >= versions.first_day
            and daily.date <= versions.last_day

)

select * from joined
