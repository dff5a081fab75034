-- Every user has one role: the counts by role sum to the count of users.
select feature_id
from {{ ref('entity_features') }}
where
    eligible_users <> eligible_users_owner + eligible_users_manager
    + eligible_users_staff + eligible_users_analyst
    or users_used_30d <> users_used_30d_owner + users_used_30d_manager
    + users_used_30d_staff + users_used_30d_analyst
    or users_adopted_30d <> users_adopted_30d_owner + users_adopted_30d_manager
    + users_adopted_30d_staff + users_adopted_30d_analyst
