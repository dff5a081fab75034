{{ config(tags=['daily']) }}

-- Counts, sums, squares and products of each experiment and metric by arm: all that its
-- statistics are made of. Numeric, so that the order of adding does not matter.
with

outcomes as (

    select * from {{ ref('int_experiments__outcomes') }}

),

totals as (

    select
        experiment_id,
        metric,
        {% for arm in ['control', 'treatment'] -%}
        count(*) filter (where variant = '{{ arm }}') as {{ arm }}_n,
        coalesce(sum(outcome) filter (where variant = '{{ arm }}'), 0) as {{ arm }}_y,
        coalesce(sum(outcome * outcome) filter (where variant = '{{ arm }}'), 0)
            as {{ arm }}_yy,
        coalesce(sum(pre_outcome) filter (where variant = '{{ arm }}'), 0)
            as {{ arm }}_x,
        coalesce(
            sum(pre_outcome * pre_outcome) filter (where variant = '{{ arm }}'), 0
        ) as {{ arm }}_xx,
        coalesce(sum(outcome * pre_outcome) filter (where variant = '{{ arm }}'), 0)
            as {{ arm }}_xy,
        {% endfor -%}
        bool_or(is_primary) as is_primary,
        min(unit_type) as unit_type
    from outcomes
    group by experiment_id, metric

),

-- residuals of each account's units, for the spread between accounts
residuals as (

    select
        outcomes.experiment_id,
        outcomes.metric,
        outcomes.account_id,
        coalesce(
            sum(outcomes.outcome - totals.treatment_y / nullif(totals.treatment_n, 0))
            filter (where outcomes.variant = 'treatment'), 0
        ) / nullif(min(totals.treatment_n), 0)
        - coalesce(
            sum(outcomes.outcome - totals.control_y / nullif(totals.control_n, 0))
            filter (where outcomes.variant = 'control'), 0
        ) / nullif(min(totals.control_n), 0) as score
    from outcomes
    inner join totals
        on
            outcomes.experiment_id = totals.experiment_id
            and outcomes.metric = totals.metric
    group by outcomes.experiment_id, outcomes.metric, outcomes.account_id

),

clusters as (

    select
        experiment_id,
        metric,
        count(*) as accounts,
        round(sum(score * score) * count(*) / nullif(count(*) - 1, 0), 15)
            as clustered_variance
    from residuals
    group by experiment_id, metric

)

select
    totals.*,
    clusters.accounts,
    clusters.clustered_variance
from totals
inner join clusters
    on
        totals.experiment_id = clusters.experiment_id
        and totals.metric = clusters.metric
