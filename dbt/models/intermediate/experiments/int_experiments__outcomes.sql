{{ config(tags=['daily']) }}

-- One row a unit and metric whose time is over by the last complete day, beside the
-- same metric in the 28 days before the assignment (for CUPED; nothing the treatment
-- did is in it).

with

units as (

    select * from {{ ref('int_experiments__units') }}

),

unit_days as (

    select * from {{ ref('int_experiments__unit_days') }}

),

account_uses as (

    select distinct
        account_id,
        date
    from {{ ref('int_features__uses_daily') }}
    where uses > 0

),

-- a day's first and last use tell on which side of an instant there was one
sides as (

    select
        experiment_id,
        unit_id,
        user_id,
        date,
        is_tested_feature,
        last_used_at >= assigned_at
        and first_used_at < assigned_at + interval '14 days' as is_within_14d,
        last_used_at >= assigned_at
        and first_used_at < assigned_at + interval '28 days' as is_within_28d,
        last_used_at >= assigned_at - interval '28 days'
        and first_used_at < assigned_at as is_before
    from unit_days

),

uses_of_units as (

    select
        experiment_id,
        unit_id,
        bool_or(is_tested_feature and is_within_14d) as has_used,
        bool_or(is_tested_feature and is_before) as had_used,
        count(distinct case when is_within_28d then user_id || date::text end)
            as active_days,
        count(distinct case when is_before then user_id || date::text end)
            as days_before
    from sides
    group by experiment_id, unit_id

),

uses_of_accounts as (

    select
        units.experiment_id,
        units.unit_id,
        count(*) filter (
            where account_uses.date > {{ utc_date('units.assigned_at') }}
        ) as active_days,
        count(*) filter (
            where account_uses.date < {{ utc_date('units.assigned_at') }}
        ) as days_before
    from units
    inner join account_uses
        on
            units.account_id = account_uses.account_id
            and account_uses.date >= {{ utc_date('units.assigned_at') }} - 28
            and account_uses.date <= {{ utc_date('units.assigned_at') }} + 28
    where units.unit_type = 'user'
    group by units.experiment_id, units.unit_id

),

people as (

    select * from {{ ref('int_users__attributes') }}

),

people_of_units as (

    select
        units.experiment_id,
        units.unit_id,
        count(*) as people
    from units
    inner join people on units.raw_account_id = people.raw_account_id
    where
        units.unit_type = 'account'
        and people.activated_at < units.assigned_at + interval '28 days'
    group by units.experiment_id, units.unit_id

),

measured as (

    select
        units.experiment_id,
        units.feature_id,
        'used_feature_14d' as metric,
        'used_feature_14d' = units.primary_metric as is_primary,
        units.unit_id,
        units.unit_type,
        units.account_id,
        units.variant,
        units.assigned_at,
        units.assigned_at + interval '14 days' as known_at,
        case when uses_of_units.has_used then 1 else 0 end::numeric as outcome,
        case when uses_of_units.had_used then 1 else 0 end::numeric as pre_outcome
    from units
    left join uses_of_units
        on
            units.experiment_id = uses_of_units.experiment_id
            and units.unit_id = uses_of_units.unit_id
    union all
    select
        units.experiment_id,
        units.feature_id,
        'active_days_28d' as metric,
        'active_days_28d' = units.primary_metric as is_primary,
        units.unit_id,
        units.unit_type,
        units.account_id,
        units.variant,
        units.assigned_at,
        units.assigned_at + interval '28 days' as known_at,
        round(
            coalesce(uses_of_units.active_days, 0)::numeric
            / greatest(coalesce(people_of_units.people, 1), 1), 6
        ) as outcome,
        round(
            coalesce(uses_of_units.days_before, 0)::numeric
            / greatest(coalesce(people_of_units.people, 1), 1), 6
        ) as pre_outcome
    from units
    left join uses_of_units
        on
            units.experiment_id = uses_of_units.experiment_id
            and units.unit_id = uses_of_units.unit_id
    left join people_of_units
        on
            units.experiment_id = people_of_units.experiment_id
            and units.unit_id = people_of_units.unit_id
    union all
    select
        units.experiment_id,
        units.feature_id,
        'account_active_days_28d' as metric,
        'account_active_days_28d' = units.primary_metric as is_primary,
        units.unit_id,
        units.unit_type,
        units.account_id,
        units.variant,
        units.assigned_at,
        units.assigned_at + interval '28 days' as known_at,
        coalesce(uses_of_accounts.active_days, 0)::numeric as outcome,
        coalesce(uses_of_accounts.days_before, 0)::numeric as pre_outcome
    from units
    left join uses_of_accounts
        on
            units.experiment_id = uses_of_accounts.experiment_id
            and units.unit_id = uses_of_accounts.unit_id
    where units.unit_type = 'user'

)

select
    experiment_id,
    feature_id,
    metric,
    is_primary,
    unit_id,
    unit_type,
    account_id,
    variant,
    assigned_at,
    {{ first_day_shown('known_at') }} as known_on,
    outcome,
    pre_outcome
from measured
where {{ first_day_shown('known_at') }} <= {{ as_of_date_once() }}
