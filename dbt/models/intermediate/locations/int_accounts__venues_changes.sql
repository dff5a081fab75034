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

),

placed as (

    select
        venues.location_id,
        venues.account_id as raw_account_id,
        identity.account_id,
        identity.is_merged
    from venues
    inner join identity on venues.account_id = identity.raw_account_id

),

-- rows of an account before it was merged into another one stand under its own name
owners as (

    select
        location_id,
        account_id
    from placed
    union all
    select
        location_id,
        raw_account_id as account_id
    from placed
    where is_merged

)

-- day_changes is named once, so that a reader's batches reach its tables
select
    owners.account_id,
    day_changes.date,
    day_changes.batch_seq
from day_changes
inner join owners on day_changes.location_id = owners.location_id
