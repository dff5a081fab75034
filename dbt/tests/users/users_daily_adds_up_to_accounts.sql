-- Active people, events and sessions of an account's day are those of its users.
with

users as (

    select
        account_id,
        date,
        count(*) filter (where is_active) as active_users,
        sum(events) as events,
        sum(sessions) as sessions
    from {{ ref('entity_users_daily') }}
    group by account_id, date

),

accounts as (

    select * from {{ ref('int_accounts__usage_daily') }}
    where date >= {{ course_start() }}

)

select
    coalesce(accounts.account_id, users.account_id) as account_id,
    coalesce(accounts.date, users.date) as date
from accounts
full outer join users
    on accounts.account_id = users.account_id and accounts.date = users.date
where
    accounts.account_id is null
    or accounts.active_users <> coalesce(users.active_users, 0)
    or accounts.events <> coalesce(users.events, 0)
    or accounts.sessions <> coalesce(users.sessions, 0)
    or accounts.active_users > accounts.active_users_7d
    or accounts.active_users_7d > accounts.active_users_30d
