-- Staging only: people of customers, test accounts left out.
with

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
        bool_or(not is_livemode) as is_test_mode
    from staging.stg_stripe__customer
    where account_id is not null
    group by account_id

),

customers as (

    select accounts.account_id
    from staging.stg_app__accounts as accounts
    left join people on accounts.account_id = people.account_id
    left join payers on accounts.account_id = payers.account_id
    where
        not accounts.is_test
        and accounts.account_name !~ '^(TEST|Demo|Tapwise)\M'
        and not coalesce(people.is_all_internal, false)
        and not coalesce(payers.is_test_mode, false)

)

select
    users.user_role as role,
    count(*) as users,
    count(users.activated_at) as activated,
    round(
        percentile_cont(0.5) within group (
            order by extract(epoch from users.activated_at - users.invited_at) / 86400
        )::numeric,
        2
    ) as median_days_to_activation
from staging.stg_app__users as users
inner join customers on users.account_id = customers.account_id
group by users.user_role
order by role
