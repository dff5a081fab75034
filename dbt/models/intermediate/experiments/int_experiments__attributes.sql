-- One row an experiment as it stands now, with the parts of its plan the statistics
-- need.
with

experiments as (

    select * from {{ ref('stg_app__experiments') }}

),

features as (

    select * from {{ ref('int_features__attributes') }}

)

select
    experiments.experiment_id,
    experiments.experiment_key as experiment_name,
    experiments.feature_id,
    features.feature_key,
    experiments.hypothesis,
    experiments.unit_type,
    experiments.primary_metric,
    ({{ json_text('experiments.planned_split', 'treatment') }})::numeric
        as planned_treatment_share,
    experiments.experiment_status,
    experiments.started_at,
    experiments.ended_at
from experiments
left join features on experiments.feature_id = features.feature_id
