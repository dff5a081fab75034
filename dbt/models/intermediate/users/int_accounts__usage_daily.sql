{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='account_id',
    changes_from='int_users__account_changes',
    grain_date='date',
    also_delete='news_of_usage',
    indexes=[
        {'columns': ['account_id', 'date'], 'unique': true},
        {'columns': ['date']}
    ]
) }}

{%- set is_rebuilt = only_changed('int_users__account_changes', 'account_id') %}
{%- set has_news = news_of_usage() %}
{%- set first_day = first_day_of_usage() %}

-- Who of an account was active on a day and in the 7 and 30 days up to it. Days without
-- a row saw nobody for 30 days. A person counts on every day on which the last 7 (30)
-- days hold an active one: from the first day of a stretch of active days no further
-- apart until 7 (30) days after its last. So a count changes only where a stretch
-- begins or ends, and no day has to look back at 30 others.
with

attributes as (

    select * from {{ ref('int_users__attributes') }}

),

-- for accounts that get their newest days only, older days than a window are not needed
user_days as (

    select
        attributes.account_id,
        daily.*
    from {{ ref('int_users__daily') }} as daily
    inner join attributes on daily.user_id = attributes.user_id
    where
        daily.date <= {{ as_of_date() }}
        and (
            daily.date >= {{ first_day }} - 29
            {%- if is_incremental() %}
            or attributes.{{ is_rebuilt }}
            {%- endif %}
        )

),

feature_days as (

    select distinct
        uses.account_id,
        uses.feature_key,
        uses.date
    from {{ ref('int_features__uses_daily') }} as uses
    where
        uses.uses > 0
        and uses.date <= {{ as_of_date() }}
        and (
            uses.date >= {{ first_day }} - 29
            {%- if is_incremental() %}
            or uses.{{ is_rebuilt }}
            {%- endif %}
        )

),

-- days to the active day before and to the next one
user_gaps as (

    select
        account_id,
        date,
        date - lag(date) over (partition by user_id order by date) as gap_before,
        lead(date) over (partition by user_id order by date) - date as gap_after
    from user_days
    where is_active

),

feature_gaps as (

    select
        account_id,
        date,
        date - lag(date) over (
            partition by account_id, feature_key order by date
        ) as gap_before,
        lead(date) over (
            partition by account_id, feature_key order by date
        ) - date as gap_after
    from feature_days

),

borders as (

    {% for days in [7, 30] -%}
    select
        account_id,
        date,
        {{ 1 if days == 7 else 0 }} as change_7d,
        {{ 1 if days == 30 else 0 }} as change_30d,
        0 as change_features
    from user_gaps
    where gap_before is null or gap_before >= {{ days }}
    union all
    select
        account_id,
        date + {{ days }} as date,
        {{ -1 if days == 7 else 0 }} as change_7d,
        {{ -1 if days == 30 else 0 }} as change_30d,
        0 as change_features
    from user_gaps
    where gap_after is null or gap_after >= {{ days }}
    union all
    {% endfor -%}
    select
        account_id,
        date,
        0 as change_7d,
        0 as change_30d,
        1 as change_features
    from feature_gaps
    where gap_before is null or gap_before >= 30
    union all
    select
        account_id,
        date + 30 as date,
        0 as change_7d,
        0 as change_30d,
        -1 as change_features
    from feature_gaps
    where gap_after is null or gap_after >= 30

),

steps as (

    select
        account_id,
        date,
        sum(change_7d) as change_7d,
        sum(change_30d) as change_30d,
        sum(change_features) as change_features
    from borders
    group by account_id, date

),

spans as (

    select
        account_id,
        date as valid_from,
        lead(date) over (partition by account_id order by date) as valid_to,
        sum(change_7d) over (partition by account_id order by date)
            as active_users_7d,
        sum(change_30d) over (partition by account_id order by date)
            as active_users_30d,
        sum(change_features) over (partition by account_id order by date)
            as features_used_30d
    from steps

),

span_days as (

    select
        spans.account_id,
        days.date,
        spans.active_users_7d,
        spans.active_users_30d,
        spans.features_used_30d
    from spans
    inner join lateral (
        {{ date_series(
            'spans.valid_from', 'least(spans.valid_to - 1, ' ~ as_of_date_once() ~ ')'
        ) }}
    ) as days on true
    where spans.active_users_30d > 0

),

account_days as (

    select
        account_id,
        date,
        (count(*) filter (where is_active))::integer as active_users,
        sum(events)::integer as events,
        sum(sessions)::integer as sessions,
        sum(errors)::integer as errors,
        (count(*) filter (where key_feature_used))::integer as key_feature_users
    from user_days
    group by account_id, date

),

-- a day on which somebody only looked, with nobody active in the 30 days up to it, has
-- facts and no span
joined as (

    select
        coalesce(span_days.account_id, account_days.account_id) as account_id,
        coalesce(span_days.date, account_days.date) as date,
        coalesce(account_days.active_users, 0) as active_users,
        coalesce(span_days.active_users_7d, 0)::integer as active_users_7d,
        coalesce(span_days.active_users_30d, 0)::integer as active_users_30d,
        coalesce(account_days.events, 0) as events,
        coalesce(account_days.errors, 0) as errors,
        coalesce(account_days.sessions, 0) as sessions,
        coalesce(span_days.features_used_30d, 0)::integer as features_used_30d,
        coalesce(account_days.key_feature_users, 0) as key_feature_users
    from span_days
    full outer join account_days
        on
            span_days.account_id = account_days.account_id
            and span_days.date = account_days.date

)

select * from joined
{% if is_incremental() %}
where
    date > {{ built_date() }}
    or {{ is_rebuilt }}
    or {{ has_news }}
{% endif %}
