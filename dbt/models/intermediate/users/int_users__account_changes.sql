{{ config(materialized='view') }}

-- For each account the batches after which other people may belong to it: a new user, a
-- merge, an account found out to be a test. What Stripe tells of its subscriptions is
-- left out.
with

deliveries as (

    select * from {{ ref('stg_app__deliveries') }}

),

customers as (

    select * from {{ ref('stg_stripe__customer') }}

),

identity as (

    select * from {{ ref('int_accounts__identity') }}

),

touched as (

    select
        account_id,
        _batch_seq as batch_seq
    from deliveries
    where table_name in ('accounts', 'users')
    union all
    select
        account_id,
        _batch_seq as batch_seq
    from customers
    where account_id is not null

)

select
    account_id,
    batch_seq
from touched
union all
select
    identity.account_id,
    touched.batch_seq
from touched
inner join identity on touched.account_id = identity.raw_account_id
where identity.is_merged
