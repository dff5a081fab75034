{{
    config(
        materialized='incremental',
        incremental_strategy='by_key',
        unique_key='user_id',
        changes_from='int_users__changes',
        also_delete='news_of_user_weeks',
        indexes=[
            {'columns': ['user_id', 'week_start'], 'unique': true},
            {'columns': ['week_start']},
            {'columns': ['signup_cohort_week', 'weeks_since_signup', 'is_active']}
        ]
    )
}}

{%- set is_changed = only_changed('int_users__changes', 'user_id') %}
{%- set has_news = news_of_user_weeks() %}

-- Every week of a user from the sign-up on, active or not: what a person did before
-- decides the state, so people are read whole.
with

attributes as (

    select
        attributes.*,
        {{ monday('signup_on') }} as signup_cohort_week,
        {{ utc_date('left_at') }} as left_on
    from {{ ref('int_users__attributes') }} as attributes
    {%- if is_incremental() %}
    where
        {{ monday(as_of_date_once() ~ ' + 1') }} > {{ first_new_week() }}
        or user_id in {{ users_with_news() }}
        or {{ is_changed }}
    {%- endif %}

),

activity as (

    select * from {{ ref('int_users__activity') }}

),

daily as (

    select * from {{ ref('int_users__daily') }}

),

uses as (

    select * from {{ ref('int_features__uses') }}

),

weeks as (

    select date as week_start
    from {{ ref('int_calendar__days') }}
    where
        date = {{ monday('date') }}
        and date + 6 <= {{ as_of_date() }}

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

user_weeks as (

    select
        attributes.*,
        weeks.week_start
    from attributes
    inner join weeks
        on
            weeks.week_start >= attributes.signup_cohort_week
            and weeks.week_start
            <= coalesce({{ monday('attributes.left_on') }} + 56, weeks.week_start)

),

days_by_week as (

    select
        daily.user_id,
        {{ monday('daily.date') }} as week_start,
        (count(*) filter (where daily.is_active))::integer as active_days,
        sum(daily.sessions)::integer as sessions,
        sum(daily.events)::integer as events,
        sum(daily.minutes) as minutes,
        bool_or(daily.key_feature_used) as key_feature_used,
        max(daily.date) filter (where daily.is_active) as last_active_on
    from daily
    inner join attributes on daily.user_id = attributes.user_id
    group by daily.user_id, {{ monday('daily.date') }}

),

features_by_week as (

    select
        uses.user_id,
        {{ monday('uses.date') }} as week_start,
        count(distinct uses.feature_key)::integer as features_used
    from uses
    inner join attributes on uses.user_id = attributes.user_id
    where uses.events > uses.errors
    group by uses.user_id, {{ monday('uses.date') }}

),

joined as (

    select
        user_weeks.week_start,
        user_weeks.user_id,
        user_weeks.account_id,
        user_weeks.user_role as role,
        user_weeks.country,
        user_weeks.signup_cohort_week,
        user_weeks.left_on,
        activity.first_active_on,
        coalesce(days_by_week.active_days, 0) as active_days,
        coalesce(days_by_week.sessions, 0) as sessions,
        coalesce(days_by_week.events, 0) as events,
        coalesce(days_by_week.minutes, 0) as minutes,
        coalesce(features_by_week.features_used, 0) as features_used,
        coalesce(days_by_week.key_feature_used, false) as key_feature_used,
        coalesce(days_by_week.active_days, 0) > 0 as is_active,
        coalesce(
            lag(days_by_week.active_days) over (
                partition by user_weeks.user_id order by user_weeks.week_start
            ) > 0,
            false
        ) as was_active_prev_week,
        max(days_by_week.last_active_on) over (
            partition by user_weeks.user_id order by user_weeks.week_start
        ) as last_active_on
    from user_weeks
    left join activity on user_weeks.user_id = activity.user_id
    left join days_by_week
        on
            user_weeks.user_id = days_by_week.user_id
            and user_weeks.week_start = days_by_week.week_start
    left join features_by_week
        on
            user_weeks.user_id = features_by_week.user_id
            and user_weeks.week_start = features_by_week.week_start

),

final as (

    select
        -- keys
        joined.week_start,
        joined.user_id,
        joined.account_id,

        -- who, as of the week's end
        versions.segment as account_segment,
        versions.plan_tier,
        versions.customer_status,
        joined.role,
        joined.country,
        joined.signup_cohort_week,
        (joined.week_start - joined.signup_cohort_week) / 7 as weeks_since_signup,

        -- what
        joined.active_days,
        joined.sessions,
        joined.events,
        joined.minutes::numeric(18, 2) as minutes,
        joined.features_used,
        joined.key_feature_used,
        joined.is_active,
        joined.was_active_prev_week,
        {{ user_lifecycle(
            '(joined.week_start + 6)', 'joined.is_active',
            'joined.was_active_prev_week', 'joined.first_active_on',
            'joined.last_active_on', 'joined.left_on'
        ) }} as lifecycle_state,
        coalesce(joined.left_on <= joined.week_start + 6, false) as is_login_closed
    from joined
    left join versions
        on
            joined.account_id = versions.account_id
            and joined.week_start + 6 >= versions.first_day
            and joined.week_start + 6 <= versions.last_day

)

select * from final
where
    week_start >= {{ course_start() }}
{%- if is_incremental() %}
and (
    {{ is_changed }}
    or {{ has_news }}
)
{%- endif %}
