with

seats as (

    select
        account_id,
        count(*)::integer as seats
    from users
    where not is_deleted and user_status <> 'deactivated'
    group by account_id
    having count(*) > 10

),

living as (

    select distinct account_id
    from subscription_versions
    where
        subscription_status in ('active', 'past_due', 'paused')
        and valid_to = '9999-12-31 00:00:00+00'

),

active as (

    select
        account_id,
        count(distinct user_id)::integer as active_users_30d
    from active_days
    where date > as_of_date() - 30
    group by account_id

)

select
    seats.account_id,
    accounts.account_name,
    seats.seats,
    coalesce(active.active_users_30d, 0) as active_users_30d,
    round(
        least(1, round(1.0 * coalesce(active.active_users_30d, 0) / seats.seats, 6)), 4
    ) as seat_utilisation
from seats
inner join living on seats.account_id = living.account_id
inner join staging.stg_app__accounts as accounts
    on seats.account_id = accounts.account_id
left join active on seats.account_id = active.account_id
order by
    least(1, round(1.0 * coalesce(active.active_users_30d, 0) / seats.seats, 6)),
    seats.account_id
