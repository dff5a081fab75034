{{ config(materialized='view') }}

-- For each account, merged and test accounts included, and business day the batches
-- after which its row in int_accounts__venues_daily may read otherwise.
with

day_changes as (

    select * from {{ ref('int_locations__day_changes') }}

),

venues as (

    select * from {{ ref('stg_app__locations') }}

),

identity as (

    select * from {{ ref('int_accounts__identity') }}

)

select
    identity.account_id,
    day_changes.date,
    day_changes.batch_seq
from day_changes
inner join venues on day_changes.location_id = venues.location_id
inner join identity on venues.account_id = identity.raw_account_id
union all
-- rows of an account before it was merged into another one
select
    venues.account_id,
    day_changes.date,
    day_changes.batch_seq
from day_changes
inner join venues on day_changes.location_id = venues.location_id
inner join identity on venues.account_id = identity.raw_account_id
where identity.is_merged
