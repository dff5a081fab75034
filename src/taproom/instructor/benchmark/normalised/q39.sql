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
inner join customers on users.account_id = customers.raw_account_id
group by users.user_role
order by role
