-- What held of a feature at the end of each day, by what is known now: day D lies in
-- the span with valid_from <= D < valid_to.
with

versions as (

    select * from {{ ref('int_features__versions') }}
    where superseded_at = {{ far_future() }}

),

day_ends as (

    {{ versions_at_day_ends('versions', 'feature_id') }}

)

select
    feature_id,
    min_plan_tier,
    {{ plan_rank('min_plan_tier') }} as min_plan_rank,
    is_beta,
    experiment_id,
    experiment_status,
    {{ day_span('feature_id') }}
from day_ends
