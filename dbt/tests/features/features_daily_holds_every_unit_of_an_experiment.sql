-- Units assigned by day and plan add up to the units of the experiment.
with

days as (

    select
        feature_id,
        sum(exp_control_units) as control_units,
        sum(exp_treatment_units) as treatment_units,
        sum(exp_control_conversions) as control_conversions,
        sum(exp_treatment_conversions) as treatment_conversions
    from {{ ref('entity_features_daily') }}
    group by feature_id

)

select features.feature_id
from {{ ref('entity_features') }} as features
inner join days on features.feature_id = days.feature_id
where
    features.experiment_status = 'completed'
    and (
        features.exp_control_n <> days.control_units
        or features.exp_treatment_n <> days.treatment_units
        or (
            features.experiment_metric = 'used_feature_14d'
            and (
                round(features.exp_control_mean * features.exp_control_n)
                <> days.control_conversions
                or round(features.exp_treatment_mean * features.exp_treatment_n)
                <> days.treatment_conversions
            )
        )
    )
