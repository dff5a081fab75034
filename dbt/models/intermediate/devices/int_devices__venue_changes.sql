{{ config(materialized='view') }}

-- For each venue the batches that hold anything which concerns which devices serve
-- there, and whose the venue is.
with

assignments as (

    select * from {{ ref('stg_iot__device_assignment') }}

),

locations as (

    select * from {{ ref('stg_app__locations') }}

),

identity as (

    select * from {{ ref('int_accounts__identity') }}

),

app_deliveries as (

    select * from {{ ref('stg_app__deliveries') }}

),

customers as (

    select * from {{ ref('stg_stripe__customer') }}

),

account_rows as (

    select
        account_id,
        _batch_seq
    from app_deliveries
    union all
    select
        account_id,
        _batch_seq
    from customers

),

-- an account speaks for all accounts that were merged with it
family_rows as (

    select
        family.raw_account_id,
        account_rows._batch_seq
    from account_rows
    inner join identity on account_rows.account_id = identity.raw_account_id
    inner join identity as family on identity.account_id = family.account_id

)

select
    location_id,
    _batch_seq as batch_seq
from assignments
union all
select
    locations.location_id,
    family_rows._batch_seq as batch_seq
from family_rows
inner join locations on family_rows.raw_account_id = locations.account_id
