{{ config(materialized='view') }}

-- For each user the batches that hold a row about the user or about the account:
-- incremental models rebuild every user that stands here with a batch newer than their
-- own build.
with

deliveries as (

    select * from {{ ref('stg_app__user_deliveries') }}

),

users as (

    select * from {{ ref('stg_app__users') }}

),

identity as (

    select * from {{ ref('int_accounts__identity') }}

),

account_changes as (

    select * from {{ ref('int_accounts__changes') }}

)

select
    user_id,
    _batch_seq as batch_seq
from deliveries
union all
select
    users.user_id,
    account_changes.batch_seq
from account_changes
inner join users on account_changes.account_id = users.account_id
union all
-- what concerns the survivor of a merge concerns the users of the merged account as
-- well
select
    users.user_id,
    account_changes.batch_seq
from account_changes
inner join identity
    on account_changes.account_id = identity.account_id and identity.is_merged
inner join users on identity.raw_account_id = users.account_id
