with

features as (

    select * from {{ ref('entity_features') }}

)

select
    experiment_id,
    experiment_name,
    feature_name,
    experiment_status,
    experiment_hypothesis,
    experiment_unit,
    experiment_metric,
    experiment_started_at,
    experiment_ended_at,
    exp_planned_treatment_share,
    exp_control_n,
    exp_treatment_n,
    exp_units_changed_sides,
    exp_srm_p_value,
    exp_srm_p_value < 0.001 as has_broken_split,
    exp_control_mean,
    exp_treatment_mean,
    exp_lift_abs,
    exp_lift_rel,
    exp_ci_low,
    exp_ci_high,
    exp_p_value,
    exp_clustered_p_value,
    exp_cuped_lift_abs,
    exp_cuped_p_value,
    exp_cuped_variance_reduction,
    exp_sequential_p_value,
    exp_decision
from features
where experiment_id is not null
