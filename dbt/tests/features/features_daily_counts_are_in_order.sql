-- Parts are no larger than what they are part of.
select
    date,
    feature_id,
    plan_tier
from {{ ref('entity_features_daily') }}
where
    new_users > users_used
    or users_used > users_used_7d
    or users_used_7d > users_used_30d
    or users_adopted_30d > users_used_30d
    or users_adopted_30d > eligible_users
    or accounts_used > accounts_used_30d
    or accounts_adopted_30d > accounts_used_30d
    or accounts_adopted_30d > eligible_accounts
    or users_used > active_users
    or errors > events
