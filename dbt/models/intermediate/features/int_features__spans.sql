-- What held of a feature at the end of each day, by what is known now: day D lies in
-- the span with valid_from <= D < valid_to.
with

versions as (

    select
        int_features__versions.*,
        {{ first_day_shown('valid_from') }} as first_day
    from {{ ref('int_features__versions') }} as int_features__versions
    where superseded_at = {{ far_future() }}

),

day_ends as (

    select
        versions.*,
        row_number() over (
            partition by feature_id, first_day order by valid_from desc
        ) as recency
    from versions

)

select
    feature_id,
    min_plan_tier,
    {{ plan_rank('min_plan_tier') }} as min_plan_rank,
    is_beta,
    experiment_id,
    experiment_status,
    case
        when row_number() over (partition by feature_id order by first_day) = 1
            then '1900-01-01'::date
        else first_day
    end as valid_from,
    coalesce(
        lead(first_day) over (partition by feature_id order by first_day),
        '9999-12-31'::date
    ) as valid_to
from day_ends
where recency = 1
