{{ config(indexes=[{'columns': ['raw_account_id'], 'unique': true}]) }}

-- Who an account really is: the survivor of its merges, and whether it is a customer at
-- all.
with recursive

accounts as (

    select * from {{ ref('stg_app__accounts') }}

),

customers as (

    select * from {{ ref('stg_stripe__customer') }}

),

users as (

    select * from {{ ref('stg_app__users') }}

),

-- a survivor may itself have been merged later: follow the merges to their end
lineage as (

    select
        account_id as raw_account_id,
        account_id,
        merged_into_account_id,
        0 as steps
    from accounts
    union all
    select
        lineage.raw_account_id,
        accounts.account_id,
        accounts.merged_into_account_id,
        lineage.steps + 1 as steps
    from lineage
    inner join accounts on lineage.merged_into_account_id = accounts.account_id
    where lineage.steps < 20

),

survivors as (

    select * from lineage
    where merged_into_account_id is null

),

people as (

    select
        account_id,
        bool_and(coalesce(email_domain = 'tapwise.example', false)) as is_all_internal
    from users
    where not is_erased
    group by account_id

),

payers as (

    select
        account_id,
        min(stripe_customer_id) as stripe_customer_id,
        bool_or(not is_livemode) as is_test_mode
    from customers
    where account_id is not null
    group by account_id

)

select
    accounts.account_id as raw_account_id,
    survivors.account_id,
    coalesce(payers.stripe_customer_id, accounts.stripe_customer_id)
        as stripe_customer_id,
    survivors.account_id <> accounts.account_id as is_merged,
    accounts.is_test
    or coalesce(people.is_all_internal, false)
    or coalesce(payers.is_test_mode, false)
    or coalesce(accounts.account_name ~ '^(TEST|Demo|Tapwise)\M', false) as is_test
from accounts
inner join survivors on accounts.account_id = survivors.raw_account_id
left join people on accounts.account_id = people.account_id
left join payers on accounts.account_id = payers.account_id
