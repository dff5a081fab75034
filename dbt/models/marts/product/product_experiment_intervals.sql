-- The interval of each experiment's lift as five quantiles, of which a box plot draws
-- the 95% interval as whiskers, the 50% interval as box and the lift as line.
with

experiments as (

    select * from {{ ref('product_experiments') }}
    where exp_ci_low is not null

),

quantiles as (

    select *
    from
        (
            values
            (0.025, -1.0), (0.25, -0.344133), (0.5, 0), (0.75, 0.344133), (0.975, 1.0)
        ) as parts (quantile, part_of_half_width)

)

select
    experiments.experiment_id,
    experiments.experiment_name,
    experiments.feature_name,
    experiments.experiment_status,
    experiments.experiment_metric,
    experiments.has_broken_split,
    experiments.exp_decision,
    quantiles.quantile,
    round(
        case
            when quantiles.part_of_half_width < 0
                then
                    experiments.exp_lift_abs
                    + quantiles.part_of_half_width
                    * (experiments.exp_lift_abs - experiments.exp_ci_low)
            else
                experiments.exp_lift_abs
                + quantiles.part_of_half_width
                * (experiments.exp_ci_high - experiments.exp_lift_abs)
        end,
        6
    ) as lift
from experiments
cross join quantiles
