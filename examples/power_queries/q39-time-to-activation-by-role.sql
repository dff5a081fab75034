-- id: Q39
-- question: How long do users take to activate, by role?
-- dashboard: Product
-- difficulty: medium
-- tables: entity_users
-- key: role
-- reading: Median days from the invitation (for who signed up, the sign-up) to the
--     first time in the application. The median is of those who activated; the share of
--     who never did stands beside it, since a short median of few is no success.
-- excludes: Users of test accounts.

select
    role,
    count(*) as users,
    count(activated_at) as activated,
    round(
        percentile_cont(0.5) within group (order by days_to_activation)::numeric, 2
    ) as median_days_to_activation
from entities.entity_users
group by role
order by role
