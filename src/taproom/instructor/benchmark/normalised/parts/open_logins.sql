-- Who may use the product, and on which plan: days on which the login works and the
-- account is on trial, active or past due. Without a plan a trial has the lowest.
select
    users.user_id,
    users.account_id,
    case coalesce(states.plan_tier, 'starter')
        when 'starter' then 1
        when 'growth' then 2
        when 'pro' then 3
        when 'enterprise' then 4
    end as plan_rank,
    greatest(
        ((users.activated_at - interval '1 microsecond') at time zone 'UTC')::date,
        states.valid_from
    ) as valid_from,
    least(
        coalesce(
            ((users.left_at - interval '1 microsecond') at time zone 'UTC')::date,
            '9999-12-31'::date
        ),
        states.valid_to
    ) as valid_to
from users
inner join account_states as states on users.account_id = states.account_id
where
    users.activated_at is not null
    and states.customer_status in ('trial', 'active', 'past_due')
