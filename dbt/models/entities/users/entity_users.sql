{{ config(indexes=[
    {'columns': ['user_id'], 'unique': true},
    {'columns': ['role', 'days_to_activation', 'activated_at']}
]) }}

with

attributes as (

    select
        attributes.*,
        {{ utc_date('left_at') }} as left_on
    from {{ ref('int_users__attributes') }} as attributes

),

accounts as (

    select * from {{ ref('int_accounts__attributes') }}

),

identity_map as (

    select * from {{ ref('int_users__identity_map') }}

),

activity as (

    select * from {{ ref('int_users__activity') }}

),

features as (

    select * from {{ ref('int_features__attributes') }}

),

daily as (

    select * from {{ ref('int_users__daily') }}
    where date <= {{ as_of_date() }} and date > {{ as_of_date() }} - 90

),

uses as (

    select * from {{ ref('int_features__uses_daily') }}
    where date <= {{ as_of_date() }} and date > {{ as_of_date() }} - 30 and uses > 0

),

tickets as (

    select
        user_id,
        count(*) as tickets_90d
    from {{ ref('int_support__tickets') }}
    where
        user_id is not null
        and {{ utc_date('opened_at') }} <= {{ as_of_date() }}
        and {{ utc_date('opened_at') }} > {{ as_of_date() }} - 90
    group by user_id

),

clock as (

    select {{ as_of_date_once() }} as as_of_day

),

last_days as (

    select
        daily.user_id,
        {%- for days in [7, 30] %}
        coalesce(sum(sessions) filter (where date > as_of_day - {{ days }}), 0)::integer
            as sessions_{{ days }}d,
        (
            count(*) filter (where is_active and date > as_of_day - {{ days }})
        )::integer as active_days_{{ days }}d,
        {%- endfor %}
        (
            count(*) filter (
                where
                is_active and date <= as_of_day - 7 and date > as_of_day - 14
            )
        )::integer as active_days_prev_7d,
        (
            count(*) filter (
                where
                is_active and date <= as_of_day - 30 and date > as_of_day - 60
            )
        )::integer as active_days_prev_30d,
        (count(*) filter (where is_active))::integer as active_days_90d,
        coalesce(sum(events) filter (where date > as_of_day - 30), 0)::integer
            as events_30d,
        coalesce(sum(errors) filter (where date > as_of_day - 30), 0)::integer
            as errors_30d,
        coalesce(sum(minutes) filter (where date > as_of_day - 30), 0) as minutes_30d,
        sum(mobile_sessions) filter (where date > as_of_day - 30)
            as mobile_sessions_30d,
        sum(events) as events_90d,
        max(date) filter (where is_active) as last_active_on
    from daily
    cross join clock
    group by daily.user_id

),

uses_by_feature as (

    select
        user_id,
        feature_key,
        is_key_feature,
        sum(uses) as uses,
        count(*) as days
    from uses
    group by user_id, feature_key, is_key_feature

),

ranked_features as (

    select
        uses_by_feature.*,
        row_number() over (
            partition by user_id order by uses desc, days desc, feature_key asc
        ) as rank_most_used
    from uses_by_feature

),

features_30d as (

    select
        user_id,
        count(*)::integer as features_used_30d,
        max(feature_key) filter (where rank_most_used = 1) as top_feature_key,
        bool_or(is_key_feature and days >= 2) as adopted_key_feature
    from ranked_features
    group by user_id

),

measured as (

    select
        attributes.*,
        activity.first_seen_at,
        activity.last_seen_at,
        activity.first_active_on,
        -- the day that still runs does not count yet
        coalesce(last_days.last_active_on, activity.last_active_on) as last_active_on,
        coalesce(activity.active_days_lifetime, 0) as active_days_lifetime,
        coalesce(activity.features_used_lifetime, 0) as features_used_lifetime,
        activity.first_feature_key,
        coalesce(activity.guest_views, 0) as guest_views,
        coalesce(last_days.sessions_7d, 0) as sessions_7d,
        coalesce(last_days.sessions_30d, 0) as sessions_30d,
        coalesce(last_days.active_days_7d, 0) as active_days_7d,
        coalesce(last_days.active_days_prev_7d, 0) as active_days_prev_7d,
        coalesce(last_days.active_days_30d, 0) as active_days_30d,
        coalesce(last_days.active_days_prev_30d, 0) as active_days_prev_30d,
        coalesce(last_days.active_days_90d, 0) as active_days_90d,
        coalesce(last_days.events_30d, 0) as events_30d,
        coalesce(last_days.events_90d, 0) as events_90d,
        coalesce(last_days.errors_30d, 0) as errors_30d,
        coalesce(last_days.minutes_30d, 0) as minutes_30d,
        last_days.mobile_sessions_30d,
        coalesce(features_30d.features_used_30d, 0) as features_used_30d,
        features_30d.top_feature_key,
        coalesce(features_30d.adopted_key_feature, false) as adopted_key_feature
    from attributes
    left join activity on attributes.user_id = activity.user_id
    left join last_days on attributes.user_id = last_days.user_id
    left join features_30d on attributes.user_id = features_30d.user_id

),

-- how often, how widely and how much: 50, 30 and 20 points
scored as (

    select
        measured.*,
        round(
            50 * least(active_days_30d / 12.0, 1)
            + 30 * least(features_used_30d / 8.0, 1)
            + 20 * least(events_30d / 60.0, 1),
            1
        ) as engagement_score,
        row_number() over (
            partition by account_id
            order by
                user_status = 'active' desc, active_days_90d desc, events_90d desc,
                user_id asc
        ) as rank_in_account
    from measured

),

users as (

    select
        -- identity
        scored.user_id,
        scored.account_id,
        scored.account_name,
        accounts.segment as account_segment,
        accounts.plan_tier,
        accounts.customer_status,
        scored.email_hash,
        scored.email_domain,
        identity_map.hubspot_contact_id,
        scored.invited_by_user_id,
        scored.user_role as role,
        scored.user_status,
        scored.country,
        scored.timezone,
        scored.location_count,
        scored.is_deleted,
        scored.is_erased,

        -- life
        scored.created_at,
        scored.activated_at,
        scored.deactivated_at,
        {{ monday('scored.signup_on') }} as signup_cohort_week,
        round(
            (
                extract(epoch from scored.activated_at - scored.invited_at) / 86400
            )::numeric,
            2
        )::numeric(18, 2) as days_to_activation,
        scored.guest_views,
        scored.first_seen_at,
        scored.last_seen_at,
        case
            when scored.last_seen_at is not null
                then
                    greatest(
                        {{ as_of_date_once() }} - {{ utc_date('scored.last_seen_at') }},
                        0
                    )
        end as days_since_seen,
        scored.first_active_on,
        scored.last_active_on,
        scored.active_days_lifetime,

        -- the last days
        scored.sessions_7d,
        scored.sessions_30d,
        scored.active_days_7d,
        scored.active_days_30d,
        scored.active_days_prev_30d,
        scored.events_30d,
        scored.errors_30d,
        scored.minutes_30d::numeric(18, 2) as minutes_30d,
        (
            scored.mobile_sessions_30d::numeric / nullif(scored.sessions_30d, 0)
        )::numeric(9, 6) as mobile_share_30d,

        -- features
        scored.features_used_30d,
        scored.features_used_lifetime,
        top_features.feature_name as top_feature_30d,
        first_features.feature_name as first_feature,
        scored.adopted_key_feature,

        -- other systems
        coalesce(tickets.tickets_90d, 0)::integer as tickets_90d,
        identity_map.nps_latest,

        -- scores
        scored.engagement_score::numeric(5, 1) as engagement_score,
        case
            when scored.engagement_score >= 60 then 'high'
            when scored.engagement_score >= 25 then 'medium'
            when scored.engagement_score > 0 then 'low'
            else 'none'
        end as engagement_band,
        {{ user_lifecycle(
            as_of_date_once(), 'scored.active_days_7d > 0',
            'scored.active_days_prev_7d > 0', 'scored.first_active_on',
            'scored.last_active_on', 'scored.left_on'
        ) }} as lifecycle_stage,
        scored.user_status = 'active'
        and scored.rank_in_account = 1
        and scored.active_days_90d >= 6 as is_champion,
        scored.active_days_30d >= 12
        and scored.features_used_30d >= 8 as is_power_user
    from scored
    inner join accounts on scored.account_id = accounts.account_id
    left join identity_map on scored.user_id = identity_map.user_id
    left join tickets on scored.user_id = tickets.user_id
    left join features as top_features
        on scored.top_feature_key = top_features.feature_key
    left join features as first_features
        on scored.first_feature_key = first_features.feature_key

)

select * from users
