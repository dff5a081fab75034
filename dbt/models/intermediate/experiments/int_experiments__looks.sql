{{ config(tags=['daily']) }}

-- What somebody would have seen who looked at an experiment's primary metric on each
-- day: the difference among the units whose time was over, the p-value that is right
-- for one look at the end only, and the sequential one, which may be looked at on every
-- day.
{%- set least_units = 10 %}

with

outcomes as (

    select * from {{ ref('int_experiments__outcomes') }}
    where is_primary

),

by_day as (

    select
        experiment_id,
        metric,
        known_on as date,
        count(*) filter (where variant = 'control') as control_n,
        coalesce(sum(outcome) filter (where variant = 'control'), 0) as control_y,
        coalesce(sum(outcome * outcome) filter (where variant = 'control'), 0)
            as control_yy,
        count(*) filter (where variant = 'treatment') as treatment_n,
        coalesce(sum(outcome) filter (where variant = 'treatment'), 0) as treatment_y,
        coalesce(sum(outcome * outcome) filter (where variant = 'treatment'), 0)
            as treatment_yy
    from outcomes
    group by experiment_id, metric, known_on

),

running as (

    select
        experiment_id,
        metric,
        date,
        sum(control_n) over so_far as control_n,
        sum(control_y) over so_far as control_y,
        sum(control_yy) over so_far as control_yy,
        sum(treatment_n) over so_far as treatment_n,
        sum(treatment_y) over so_far as treatment_y,
        sum(treatment_yy) over so_far as treatment_yy
    from by_day
    window so_far as (partition by experiment_id order by date)

),

spread as (

    select
        running.*,
        treatment_y / nullif(treatment_n, 0) - control_y / nullif(control_n, 0)
            as difference,
        {{ sample_variance('control_n', 'control_y', 'control_yy') }} / control_n
        + {{ sample_variance('treatment_n', 'treatment_y', 'treatment_yy') }}
        / treatment_n as difference_variance
    from running
    where control_n >= {{ least_units }} and treatment_n >= {{ least_units }}

),

judged as (

    select
        spread.*,
        {{ normal_two_sided_p('difference / sqrt(difference_variance)') }}
            as naive_p_value,
        {{ mixture_ratio(
            'difference', 'difference_variance',
            "(case when metric = 'used_feature_14d' then 0.01 else 1.0 end)"
        ) }} as mixture_ratio
    from spread
    where difference_variance > 0

)

select
    experiment_id,
    metric,
    date,
    control_n::int as control_units,
    treatment_n::int as treatment_units,
    round(difference, 10) as difference,
    round(sqrt(difference_variance), 10) as standard_error,
    round(naive_p_value::numeric, 10) as naive_p_value,
    round(
        least(
            1,
            1 / max(mixture_ratio) over (partition by experiment_id order by date)
        )::numeric,
        10
    ) as sequential_p_value
from judged
