-- A state says what the weeks before say: new once and first, retained after an active
-- week, resurrected after an idle one, dormant four weeks at most, churned from the
-- fifth or with a closed login.
with

weeks as (

    select
        entity_users_weekly.*,
        lag(lifecycle_state) over (partition by user_id order by week_start)
            as previous_state,
        count(*) filter (where lifecycle_state = 'new') over (partition by user_id)
            as times_new
    from {{ ref('entity_users_weekly') }} as entity_users_weekly

)

select
    user_id,
    week_start
from weeks
where
    times_new > 1
    or is_active <> (lifecycle_state in ('new', 'retained', 'resurrected'))
    or (lifecycle_state = 'retained' and not was_active_prev_week)
    or (lifecycle_state = 'resurrected' and was_active_prev_week)
    or (lifecycle_state = 'not_started' and previous_state <> 'not_started')
    or (lifecycle_state = 'new' and previous_state <> 'not_started')
    or (
        lifecycle_state = 'dormant'
        and (previous_state = 'churned' or is_login_closed)
    )
    or (
        lifecycle_state = 'churned'
        and not is_login_closed
        and previous_state not in ('dormant', 'churned')
    )
