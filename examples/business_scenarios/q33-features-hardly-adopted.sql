-- id: Q33
-- question: Which features have adoption under 10% of eligible users?
-- dashboard: Product
-- difficulty: easy
-- tables: entity_features
-- key: feature_name
-- reading: Adopted means used on two days of the last 30, by people whose plan has the
--     feature. Few adopters of a feature of the highest plan may be all there are: look
--     at the number of eligible users before the rate.
-- excludes: People whose account is paused, over or whose login does not work; attempts
--     that ended in an error.

select
    feature_name,
    feature_area,
    eligible_users,
    users_adopted_30d as users_adopted,
    round(adoption_rate_users_30d, 4) as adoption
from entities.entity_features
where adoption_rate_users_30d < 0.1
order by adoption_rate_users_30d, feature_name
