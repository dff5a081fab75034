-- One row a feature as it stands now.
with

features as (

    select * from {{ ref('stg_app__features') }}

)

select
    feature_id,
    feature_key,
    feature_name,
    feature_area,
    min_plan_tier,
    {{ plan_rank('min_plan_tier') }} as min_plan_rank,
    owner_team,
    is_key as is_key_feature,
    is_beta,
    released_at,
    {{ utc_date('released_at') }} as released_on
from features
