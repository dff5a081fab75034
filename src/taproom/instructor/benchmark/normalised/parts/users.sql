-- Logins of customers, and when they stopped working.
with

closings as (

    select
        user_id,
        min(updated_at) as deactivated_at
    from staging.stg_app__users_versions
    where user_status = 'deactivated'
    group by user_id

)

select
    users.user_id,
    customers.account_id,
    users.user_role,
    users.user_status,
    users.is_deleted,
    users.activated_at,
    (users.created_at at time zone 'UTC')::date as signup_on,
    least(
        case when users.user_status = 'deactivated' then closings.deactivated_at end,
        users.deleted_at
    ) as left_at
from staging.stg_app__users as users
inner join customers on users.account_id = customers.raw_account_id
left join closings on users.user_id = closings.user_id
