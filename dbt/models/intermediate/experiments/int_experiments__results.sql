{{ config(tags=['daily']) }}

-- One row an experiment and metric: difference, interval, p-values, CUPED, and what to
-- do. Arms are compared as drawn (intention to treat); units count once their time is
-- over.
with

sums as (

    select * from {{ ref('int_experiments__sums') }}

),

assigned as (

    select * from {{ ref('int_experiments__assigned') }}

),

experiments as (

    select * from {{ ref('int_experiments__attributes') }}

),

last_looks as (

    select
        experiment_id,
        sequential_p_value,
        row_number() over (partition by experiment_id order by date desc) as recency
    from {{ ref('int_experiments__looks') }}

),

moments as (

    select
        sums.*,
        control_y / nullif(control_n, 0) as control_mean,
        treatment_y / nullif(treatment_n, 0) as treatment_mean,
        control_x / nullif(control_n, 0) as control_pre_mean,
        treatment_x / nullif(treatment_n, 0) as treatment_pre_mean,
        {{ sample_variance('control_n', 'control_y', 'control_yy') }} as control_var,
        {{ sample_variance('treatment_n', 'treatment_y', 'treatment_yy') }}
            as treatment_var,
        {{ sample_variance('control_n', 'control_x', 'control_xx') }}
            as control_pre_var,
        {{ sample_variance('treatment_n', 'treatment_x', 'treatment_xx') }}
            as treatment_pre_var,
        {{ sample_covariance('control_n', 'control_x', 'control_y', 'control_xy') }}
            as control_cov,
        {{ sample_covariance(
            'treatment_n', 'treatment_x', 'treatment_y', 'treatment_xy'
        ) }} as treatment_cov,
        -- over both arms together, which share one theta
        {{ sample_covariance(
            '(control_n + treatment_n)', '(control_x + treatment_x)',
            '(control_y + treatment_y)', '(control_xy + treatment_xy)'
        ) }}
        / nullif({{ sample_variance(
            '(control_n + treatment_n)', '(control_x + treatment_x)',
            '(control_xx + treatment_xx)'
        ) }}, 0) as theta,
        (control_y + treatment_y) / nullif(control_n + treatment_n, 0) as pooled_mean
    from sums

),

differences as (

    select
        moments.*,
        treatment_mean - control_mean as lift_abs,
        control_var / control_n + treatment_var / treatment_n as variance,
        -- Y - theta (X - mean X): Deng, Xu, Kohavi, Walker (WSDM 2013)
        treatment_mean - control_mean
        - coalesce(theta, 0) * (treatment_pre_mean - control_pre_mean)
            as cuped_lift_abs,
        (
            control_var - 2 * coalesce(theta, 0) * control_cov
            + power(coalesce(theta, 0), 2) * control_pre_var
        ) / control_n
        + (
            treatment_var - 2 * coalesce(theta, 0) * treatment_cov
            + power(coalesce(theta, 0), 2) * treatment_pre_var
        ) / treatment_n as cuped_variance,
        -- Welch and Satterthwaite's degrees of freedom
        power(control_var / control_n + treatment_var / treatment_n, 2)
        / nullif(
            power(control_var / control_n, 2) / (control_n - 1)
            + power(treatment_var / treatment_n, 2) / (treatment_n - 1),
            0
        ) as welch_df,
        pooled_mean * (1 - pooled_mean) * (1.0 / control_n + 1.0 / treatment_n)
            as pooled_variance,
        metric = 'used_feature_14d' and unit_type is not null as is_share,
        metric like 'account%' and unit_type = 'user' as is_clustered
    from moments
    where control_n > 1 and treatment_n > 1

),

tested as (

    select
        differences.*,
        case
            when is_share and pooled_variance > 0
                then {{ normal_two_sided_p('lift_abs / sqrt(pooled_variance)') }}
            when not is_share and variance > 0
                then {{ student_two_sided_p('lift_abs / sqrt(variance)', 'welch_df') }}
        end as unit_p_value,
        case
            when clustered_variance > 0 and accounts > 2
                then {{ student_two_sided_p(
                    'lift_abs / sqrt(clustered_variance)', '(accounts - 1)'
                ) }}
        end as clustered_p_value,
        case
            when cuped_variance > 0
                then {{ normal_two_sided_p('cuped_lift_abs / sqrt(cuped_variance)') }}
        end as cuped_p_value,
        case
            when is_clustered
                then
                    {{ student_quantile_975('(accounts - 1)') }}
                    * sqrt(clustered_variance)
            when is_share then 1.959963985 * sqrt(variance)
            else {{ student_quantile_975('welch_df') }} * sqrt(variance)
        end as half_width
    from differences

),

final as (

    select
        tested.*,
        case when is_clustered then clustered_p_value else unit_p_value end as p_value
    from tested

),

-- Benjamini and Hochberg (1995): p times tests over rank, from the largest p downwards
ranked as (

    select
        final.*,
        count(p_value) over (partition by experiment_id) as tests,
        row_number() over (
            partition by experiment_id order by p_value nulls last, metric
        ) as p_rank
    from final

)

select
    ranked.experiment_id,
    experiments.feature_id,
    experiments.experiment_name,
    experiments.experiment_status,
    ranked.metric,
    ranked.is_primary,
    ranked.is_clustered,
    ranked.control_n::int as control_n,
    ranked.treatment_n::int as treatment_n,
    assigned.srm_p_value,
    round(ranked.control_mean, 10) as control_mean,
    round(ranked.treatment_mean, 10) as treatment_mean,
    round(ranked.lift_abs, 10) as lift_abs,
    round(ranked.lift_abs / nullif(ranked.control_mean, 0), 10) as lift_rel,
    round((ranked.lift_abs - ranked.half_width)::numeric, 10) as ci_low,
    round((ranked.lift_abs + ranked.half_width)::numeric, 10) as ci_high,
    round(ranked.p_value::numeric, 10) as p_value,
    round(ranked.unit_p_value::numeric, 10) as unit_p_value,
    round(ranked.clustered_p_value::numeric, 10) as clustered_p_value,
    round(
        least(1, min(ranked.p_value * ranked.tests / ranked.p_rank) over (
            partition by ranked.experiment_id order by ranked.p_rank desc
        ))::numeric,
        10
    ) as adjusted_p_value,
    round(ranked.cuped_lift_abs, 10) as cuped_lift_abs,
    round(ranked.cuped_p_value::numeric, 10) as cuped_p_value,
    round(1 - ranked.cuped_variance / nullif(ranked.variance, 0), 10)
        as cuped_variance_reduction,
    case when ranked.is_primary then last_looks.sequential_p_value end
        as sequential_p_value,
    case
        when not ranked.is_primary then null
        when experiments.experiment_status <> 'completed' then 'running'
        when assigned.srm_p_value < 0.001 then 'repeat'
        when ranked.p_value < 0.05 and ranked.lift_abs > 0 then 'ship'
        else 'stop'
    end as decision
from ranked
inner join experiments on ranked.experiment_id = experiments.experiment_id
inner join assigned on ranked.experiment_id = assigned.experiment_id
left join last_looks
    on ranked.experiment_id = last_looks.experiment_id and last_looks.recency = 1
