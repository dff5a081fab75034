{{ config(materialized='view') }}

-- For each venue, those of test accounts included, the batches that hold a row about
-- it: its own versions, devices put up and taken down, and its account, which may be
-- merged into another or found to be a test.
with

location_rows as (

    select * from {{ ref('stg_app__location_deliveries') }}

),

assignment_rows as (

    select * from {{ ref('stg_iot__device_assignment_versions') }}

),

account_rows as (

    select * from {{ ref('int_accounts__changes') }}

),

identity as (

    select * from {{ ref('int_accounts__identity') }}

),

venues as (

    select distinct
        location_rows.location_id,
        identity.account_id
    from location_rows
    inner join identity on location_rows.account_id = identity.raw_account_id

)

select
    location_id,
    _batch_seq as batch_seq
from location_rows
union all
select
    location_id,
    _batch_seq as batch_seq
from assignment_rows
union all
select
    venues.location_id,
    account_rows.batch_seq
from account_rows
inner join venues on account_rows.account_id = venues.account_id
