{{ config(indexes=[
    {'columns': ['feature_id', 'date', 'plan_tier'], 'unique': true}
]) }}

-- One row a feature, UTC day and plan, from 2024-01-01 or the release on.
with

daily as (

    select * from {{ ref('int_features__daily') }}

),

features as (

    select * from {{ ref('int_features__attributes') }}

)

select
    -- keys
    daily.date,
    daily.feature_id,
    daily.plan_tier,

    -- the feature on that day
    features.feature_name,
    features.feature_area,
    features.is_key_feature,
    daily.min_plan_tier,
    daily.days_since_release,

    -- who may use it
    daily.eligible_accounts,
    daily.eligible_users,
    daily.active_users,

    -- who does
    daily.new_users,
    daily.users_used,
    daily.users_used_7d,
    daily.users_used_30d,
    daily.users_adopted_30d,
    daily.accounts_used,
    daily.accounts_used_30d,
    daily.accounts_adopted_30d,
    round(1.0 * daily.users_adopted_30d / nullif(daily.eligible_users, 0), 6)
    ::numeric(18, 6) as adoption_rate_users_30d,
    round(1.0 * daily.users_used / nullif(daily.users_used_30d, 0), 6)::numeric(18, 6)
        as stickiness,

    -- how often
    daily.events,
    daily.errors,
    round(1.0 * daily.errors / nullif(daily.events, 0), 6)::numeric(18, 6)
        as error_rate,
    round(1.0 * daily.mobile_events / nullif(daily.events, 0), 6)::numeric(18, 6)
        as mobile_share,

    -- its experiment
    daily.experiment_id,
    daily.experiment_status,
    daily.control_units as exp_control_units,
    daily.treatment_units as exp_treatment_units,
    daily.control_conversions as exp_control_conversions,
    daily.treatment_conversions as exp_treatment_conversions
from daily
inner join features on daily.feature_id = features.feature_id
