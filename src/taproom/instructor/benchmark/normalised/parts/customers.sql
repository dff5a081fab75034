-- Every account that is a customer, under the account it was merged into; test accounts
-- and Tapwise's own are left out.
with recursive

accounts as (

    select * from staging.stg_app__accounts

),

lineage as (

    select
        account_id as raw_account_id,
        account_id,
        merged_into_account_id
    from accounts
    union all
    select
        lineage.raw_account_id,
        accounts.account_id,
        accounts.merged_into_account_id
    from lineage
    inner join accounts on lineage.merged_into_account_id = accounts.account_id

),

people as (

    select
        account_id,
        bool_and(coalesce(email_domain = 'tapwise.example', false)) as is_all_internal
    from staging.stg_app__users
    where not is_erased
    group by account_id

),

payers as (

    select
        account_id,
        min(stripe_customer_id) as stripe_customer_id,
        bool_or(not is_livemode) as is_test_mode
    from staging.stg_stripe__customer
    where account_id is not null
    group by account_id

)

select
    accounts.account_id as raw_account_id,
    lineage.account_id,
    coalesce(payers.stripe_customer_id, accounts.stripe_customer_id)
        as stripe_customer_id
from accounts
inner join lineage
    on
        accounts.account_id = lineage.raw_account_id
        and lineage.merged_into_account_id is null
left join people on accounts.account_id = people.account_id
left join payers on accounts.account_id = payers.account_id
where
    not accounts.is_test
    and not coalesce(accounts.account_name ~ '^(TEST|Demo|Tapwise)\M', false)
    and not coalesce(people.is_all_internal, false)
    and not coalesce(payers.is_test_mode, false)
