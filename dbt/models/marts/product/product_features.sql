with

features as (

    select * from {{ ref('entity_features') }}

)

select
    feature_id,
    feature_name,
    feature_area,
    min_plan_tier,
    owner_team,
    released_on,
    days_since_release,
    is_key_feature,
    is_beta,
    eligible_users,
    users_used_30d,
    users_adopted_30d,
    adoption_rate_users_30d,
    adoption_rate_users_prev_30d,
    adoption_rate_users_30d - adoption_rate_users_prev_30d as adoption_change_30d,
    adoption_30d_after_release,
    adoption_90d_after_release,
    median_days_to_first_use,
    events_per_user_30d,
    stickiness_30d,
    repeat_use_rate_30d,
    retention_w4,
    error_rate_30d,
    user_accounts_90d_ago,
    nonuser_accounts_90d_ago,
    user_account_churn_rate_90d,
    nonuser_account_churn_rate_90d,
    churn_rate_difference_90d,
    churn_rate_difference_adjusted_90d,
    activity_ratio_28d
from features
