{{ config(indexes=[{'columns': ['feature_id'], 'unique': true}]) }}

-- One row a feature as it stands now.
with

features as (

    select * from {{ ref('int_features__attributes') }}

),

versions as (

    select * from {{ ref('int_features__versions') }}
    where
        superseded_at = {{ far_future() }}
        and valid_to = {{ far_future() }}

),

summary as (

    select * from {{ ref('int_features__summary') }}

),

association as (

    select * from {{ ref('int_features__association') }}

),

experiments as (

    select * from {{ ref('int_experiments__attributes') }}

),

assigned as (

    select * from {{ ref('int_experiments__assigned') }}

),

results as (

    select * from {{ ref('int_experiments__results') }}
    where is_primary

)

select
    -- ids
    features.feature_id,
    features.feature_key as feature_code,

    -- text
    features.feature_name,
    features.feature_area,
    versions.min_plan_tier,
    versions.owner_team,

    -- dates and booleans
    features.released_on,
    {{ days_between('features.released_on', as_of_date_once()) }} as days_since_release,
    versions.is_key_feature,
    versions.is_beta,

    -- reach and adoption
    summary.eligible_accounts,
    summary.eligible_users,
    summary.accounts_used_30d,
    summary.users_used_30d,
    {%- for role in user_roles() %}
    summary.eligible_users_{{ role }},
    summary.users_used_30d_{{ role }},
    summary.users_adopted_30d_{{ role }},
    {%- endfor %}
    summary.accounts_adopted_30d,
    summary.users_adopted_30d,
    summary.adoption_rate_accounts_30d::numeric(18, 6) as adoption_rate_accounts_30d,
    summary.adoption_rate_users_30d::numeric(18, 6) as adoption_rate_users_30d,
    summary.adoption_rate_users_prev_30d::numeric(18, 6)
        as adoption_rate_users_prev_30d,
    summary.adoption_30d_after_release::numeric(18, 6) as adoption_30d_after_release,
    summary.adoption_90d_after_release::numeric(18, 6) as adoption_90d_after_release,
    summary.median_days_to_first_use::numeric(18, 6) as median_days_to_first_use,

    -- depth
    summary.events_30d,
    summary.errors_30d,
    summary.error_rate_30d::numeric(18, 6) as error_rate_30d,
    summary.events_per_user_30d::numeric(18, 6) as events_per_user_30d,
    summary.mobile_share_30d::numeric(18, 6) as mobile_share_30d,
    summary.stickiness_30d::numeric(18, 6) as stickiness_30d,
    summary.repeat_use_rate_30d::numeric(18, 6) as repeat_use_rate_30d,
    summary.retention_w4::numeric(18, 6) as retention_w4,

    -- association, not effect
    association.user_accounts_90d_ago,
    association.nonuser_accounts_90d_ago,
    association.user_account_churn_rate_90d::numeric(18, 6)
        as user_account_churn_rate_90d,
    association.nonuser_account_churn_rate_90d::numeric(18, 6)
        as nonuser_account_churn_rate_90d,
    association.churn_rate_difference_90d::numeric(18, 6) as churn_rate_difference_90d,
    association.churn_rate_difference_adjusted_90d::numeric(18, 6)
        as churn_rate_difference_adjusted_90d,
    association.user_active_days_28d::numeric(18, 6) as user_active_days_28d,
    association.nonuser_active_days_28d::numeric(18, 6) as nonuser_active_days_28d,
    association.activity_ratio_28d::numeric(18, 6) as activity_ratio_28d,

    -- its experiment
    versions.experiment_id,
    experiments.experiment_name,
    versions.experiment_status,
    experiments.hypothesis as experiment_hypothesis,
    experiments.unit_type as experiment_unit,
    experiments.primary_metric as experiment_metric,
    experiments.started_at as experiment_started_at,
    experiments.ended_at as experiment_ended_at,
    experiments.planned_treatment_share::numeric(18, 6) as exp_planned_treatment_share,
    assigned.control_units::int as exp_control_n,
    assigned.treatment_units::int as exp_treatment_n,
    assigned.units_exposed::int as exp_units_exposed,
    assigned.units_changed_sides::int as exp_units_changed_sides,
    assigned.srm_p_value::numeric(18, 10) as exp_srm_p_value,
    results.control_mean::numeric(18, 6) as exp_control_mean,
    results.treatment_mean::numeric(18, 6) as exp_treatment_mean,
    results.lift_abs::numeric(18, 6) as exp_lift_abs,
    results.lift_rel::numeric(18, 6) as exp_lift_rel,
    results.ci_low::numeric(18, 6) as exp_ci_low,
    results.ci_high::numeric(18, 6) as exp_ci_high,
    results.p_value::numeric(18, 10) as exp_p_value,
    results.clustered_p_value::numeric(18, 10) as exp_clustered_p_value,
    results.cuped_lift_abs::numeric(18, 6) as exp_cuped_lift_abs,
    results.cuped_p_value::numeric(18, 10) as exp_cuped_p_value,
    results.cuped_variance_reduction::numeric(18, 6) as exp_cuped_variance_reduction,
    results.sequential_p_value::numeric(18, 10) as exp_sequential_p_value,
    case
        when versions.experiment_status in ('draft', 'running')
            then versions.experiment_status
        else results.decision
    end as exp_decision
from features
inner join versions on features.feature_id = versions.feature_id
inner join summary on features.feature_id = summary.feature_id
inner join association on features.feature_id = association.feature_id
left join experiments on versions.experiment_id = experiments.experiment_id
left join assigned on versions.experiment_id = assigned.experiment_id
left join results on versions.experiment_id = results.experiment_id
