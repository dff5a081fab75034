{{ config(materialized='table') }}

with

features_daily as (

    select * from {{ ref('entity_features_daily') }}

)

-- adoption over all plans by days since the release, for the first half year of
-- features that came out while the tracker ran
select
    feature_id,
    feature_name,
    feature_area,
    days_since_release,
    sum(eligible_users) as eligible_users,
    sum(users_adopted_30d) as users_adopted_30d,
    sum(new_users) as new_users,
    round(1.0 * sum(users_adopted_30d) / nullif(sum(eligible_users), 0), 6)
        as adoption_rate_users_30d,
    round(1.0 * sum(errors) / nullif(sum(events), 0), 6) as error_rate
from features_daily
where
    days_since_release between 0 and 180
    and date - days_since_release > {{ tracking_start() }}
group by feature_id, feature_name, feature_area, days_since_release
