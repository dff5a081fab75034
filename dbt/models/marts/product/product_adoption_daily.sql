with

features_daily as (

    select * from {{ ref('entity_features_daily') }}

)

select
    date,
    feature_id,
    feature_name,
    feature_area,
    plan_tier,
    is_key_feature,
    days_since_release,
    to_char(date, 'YYYY-MM') as period,
    {{ as_of_date_once() }} - date as days_ago,
    eligible_users,
    users_used,
    users_used_30d,
    users_adopted_30d,
    new_users,
    events,
    errors
from features_daily
