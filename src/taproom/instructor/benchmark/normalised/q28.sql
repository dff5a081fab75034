with

calls as (

    select
        user_id,
        call_id,
        event_kind,
        event_at,
        (event_at at time zone 'UTC')::date as date
    from staging.stg_segment__calls
    where
        user_id is not null
        and event_kind <> 'guest_view'
        and not is_bot
        and not is_internal
        and (event_at at time zone 'UTC')::date > as_of_date() - 90

),

people as (

    select
        user_id,
        count(distinct date) filter (
            where event_kind = 'use' and date <= as_of_date()
        ) as active_days,
        count(distinct call_id) filter (
            where event_kind = 'use' and date <= as_of_date()
        ) as events,
        max(event_at) as last_seen_at
    from calls
    group by user_id

),

ranked as (

    select
        users.user_id,
        users.account_id,
        people.active_days,
        people.last_seen_at,
        row_number() over (
            partition by users.account_id
            order by
                users.user_status = 'active' desc,
                coalesce(people.active_days, 0) desc,
                coalesce(people.events, 0) desc,
                users.user_id asc
        ) as place,
        users.user_status
    from users
    left join people on users.user_id = people.user_id

)

select
    ranked.user_id,
    accounts.account_name,
    as_of_date() - (ranked.last_seen_at at time zone 'UTC')::date as days_since_seen
from ranked
inner join staging.stg_app__accounts as accounts
    on ranked.account_id = accounts.account_id
where
    ranked.place = 1
    and ranked.user_status = 'active'
    and ranked.active_days >= 6
    and as_of_date() - (ranked.last_seen_at at time zone 'UTC')::date > 14
order by days_since_seen desc, ranked.user_id asc
