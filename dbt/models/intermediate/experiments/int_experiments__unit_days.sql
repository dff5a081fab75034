{{ config(materialized='view') }}

-- The days on which the people of a unit used features, from 28 days before its
-- assignment to 28 days after it. For a user the unit is the person, for an account
-- everybody in it.
with

units as (

    select * from {{ ref('int_experiments__units') }}

),

uses as (

    select * from {{ ref('int_features__uses_daily') }}
    where uses > 0

)

select
    units.experiment_id,
    units.unit_id,
    units.feature_key = uses.feature_key as is_tested_feature,
    units.assigned_at,
    uses.user_id,
    uses.date,
    uses.first_used_at,
    uses.last_used_at
from units
inner join uses
    on
        units.unit_type = 'user'
        and units.unit_id = uses.user_id
        and uses.date >= {{ utc_date('units.assigned_at') }} - 28
        and uses.date <= {{ utc_date('units.assigned_at') }} + 28
union all
select
    units.experiment_id,
    units.unit_id,
    units.feature_key = uses.feature_key as is_tested_feature,
    units.assigned_at,
    uses.user_id,
    uses.date,
    uses.first_used_at,
    uses.last_used_at
from units
inner join uses
    on
        units.unit_type = 'account'
        and units.raw_account_id = uses.raw_account_id
        and uses.date >= {{ utc_date('units.assigned_at') }} - 28
        and uses.date <= {{ utc_date('units.assigned_at') }} + 28
