{{ config(indexes=[{'columns': ['batch_seq']}]) }}

-- For each account the newest batch that holds a row about it: incremental models
-- rebuild every account that stands here with a batch newer than their own build. A
-- merged account is listed beside its survivor, so that its old rows vanish.
with

accounts as (

    select * from {{ ref('stg_app__accounts') }}

),

locations as (

    select * from {{ ref('stg_app__locations') }}

),

users as (

    select * from {{ ref('stg_app__users') }}

),

customers as (

    select * from {{ ref('stg_stripe__customer') }}

),

subscription_changes as (

    select * from {{ ref('int_subscriptions__changes') }}

),

identity as (

    select * from {{ ref('int_accounts__identity') }}

),

touched as (

    select
        account_id,
        _batch_seq as batch_seq
    from accounts
    union all
    select
        account_id,
        _batch_seq as batch_seq
    from locations
    union all
    select
        account_id,
        _batch_seq as batch_seq
    from users
    union all
    select
        account_id,
        _batch_seq as batch_seq
    from customers
    where account_id is not null
    union all
    select
        account_id,
        batch_seq
    from subscription_changes
    where account_id is not null

),

by_account as (

    select
        account_id,
        max(batch_seq) as batch_seq
    from touched
    group by account_id

),

with_survivors as (

    select
        account_id,
        batch_seq
    from by_account
    union all
    select
        identity.account_id,
        by_account.batch_seq
    from by_account
    inner join identity on by_account.account_id = identity.raw_account_id
    where identity.is_merged

)

select
    account_id,
    max(batch_seq) as batch_seq
from with_survivors
group by account_id
