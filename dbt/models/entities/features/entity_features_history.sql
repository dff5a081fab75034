{{ config(indexes=[{'columns': ['feature_id']}]) }}

{%- set tracked = [
    'min_plan_tier', 'owner_team', 'is_key_feature', 'is_beta', 'experiment_id',
    'experiment_status'
] -%}

with

versions as (

    select * from {{ ref('int_features__versions') }}

),

{{ history_of_versions('versions', 'feature_key', 'feature_id', tracked) }}

select
    feature_key,
    feature_id,
    min_plan_tier,
    owner_team,
    is_key_feature,
    is_beta,
    experiment_id,
    experiment_status,
    valid_from,
    valid_to,
    is_current,
    version_no,
    change_type,
    changed_columns,
    prev_version_key,
    recorded_at,
    superseded_at,
    state_hash as row_hash
from history
