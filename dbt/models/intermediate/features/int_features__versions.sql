{%- set tracked = [
    'min_plan_tier', 'owner_team', 'is_key_feature', 'is_beta', 'experiment_id',
    'experiment_status'
] %}

-- Bitemporal versions of a feature's tracked attributes: valid_from and valid_to say
-- when it was so, recorded_at and superseded_at when it was known to be so.
with

moments as (

    select * from {{ ref('int_features__moments') }}

),

{{ versions_of_instants('moments', 'feature_id', tracked) }}

select * from versions
