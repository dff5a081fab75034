{{ config(tags=['daily']) }}

-- Units of each experiment by arm, and whether their split is the planned one: the chi-
-- square test for sample ratio mismatch (SRM), one degree of freedom.
with

units as (

    select * from {{ ref('int_experiments__units') }}

),

experiments as (

    select * from {{ ref('int_experiments__attributes') }}

),

counted as (

    select
        experiment_id,
        count(*) filter (where variant = 'control') as control_units,
        count(*) filter (where variant = 'treatment') as treatment_units,
        count(*) filter (where changed_sides_at is not null) as units_changed_sides,
        count(first_exposed_at) as units_exposed,
        count(*) as units
    from units
    group by experiment_id

),

tested as (

    select
        counted.*,
        power(treatment_units - units * planned_treatment_share, 2)
        / nullif(units * planned_treatment_share, 0)
        + power(control_units - units * (1 - planned_treatment_share), 2)
        / nullif(units * (1 - planned_treatment_share), 0) as srm_chi_square
    from counted
    inner join experiments on counted.experiment_id = experiments.experiment_id

)

select
    experiment_id,
    control_units,
    treatment_units,
    units,
    units_exposed,
    units_changed_sides,
    round(srm_chi_square, 6) as srm_chi_square,
    round({{ chi_square_p('srm_chi_square', 1) }}::numeric, 10) as srm_p_value
from tested
