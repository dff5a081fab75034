{{ config(tags=['daily']) }}

-- When each unit first used the tested feature without an error within 14 days of its
-- assignment; units that did not have no row.
with

unit_days as (

    select * from {{ ref('int_experiments__unit_days') }}
    where is_tested_feature

)

select
    experiment_id,
    unit_id,
    min({{ utc_date('greatest(first_used_at, assigned_at)') }}) as converted_on
from unit_days
where
    last_used_at >= assigned_at
    and first_used_at < assigned_at + interval '14 days'
group by experiment_id, unit_id
