{{ config(tags=['daily'], indexes=[{'columns': ['unit_id']}]) }}

-- One row a unit of an experiment, in the variant it was first assigned to: whatever
-- happens later, it is counted there (intention to treat). Units of test accounts are
-- left out.
with

assignments as (

    select * from {{ ref('stg_app__experiment_assignments') }}

),

experiments as (

    select * from {{ ref('int_experiments__attributes') }}

),

users as (

    select * from {{ ref('stg_app__users') }}

),

identity as (

    select * from {{ ref('int_accounts__identity') }}
    where not is_test

),

ranked as (

    select
        assignments.*,
        row_number() over (
            partition by experiment_id, unit_id order by assigned_at, variant
        ) as turn,
        first_value(variant) over (
            partition by experiment_id, unit_id order by assigned_at, variant
        ) as first_variant
    from assignments

),

units as (

    select
        experiment_id,
        unit_id,
        min(first_variant) as variant,
        min(assigned_at) as assigned_at,
        min(first_exposed_at) as first_exposed_at,
        min(assigned_at) filter (where variant <> first_variant) as changed_sides_at
    from ranked
    group by experiment_id, unit_id

),

placed as (

    select
        units.*,
        experiments.feature_id,
        experiments.feature_key,
        experiments.unit_type,
        experiments.primary_metric,
        case
            when experiments.unit_type = 'account' then units.unit_id
            else users.account_id
        end as raw_account_id
    from units
    inner join experiments on units.experiment_id = experiments.experiment_id
    left join users
        on units.unit_id = users.user_id and experiments.unit_type = 'user'

)

select
    placed.experiment_id,
    placed.feature_id,
    placed.feature_key,
    placed.unit_id,
    placed.unit_type,
    placed.primary_metric,
    placed.raw_account_id,
    identity.account_id,
    placed.variant,
    placed.assigned_at,
    placed.first_exposed_at,
    placed.changed_sides_at
from placed
inner join identity on placed.raw_account_id = identity.raw_account_id
