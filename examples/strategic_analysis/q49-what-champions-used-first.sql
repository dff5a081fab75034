-- id: Q49
-- question: Which feature is used first by users who later become champions, by feature
--     area?
-- dashboard: Product
-- difficulty: hard
-- tables: entity_features, entity_users
-- key: feature_area, first_feature
-- reading: For each first feature the users who began with it, and how many of them are
--     their account's champion today. The share tells more than the count: most people
--     begin where the application begins. A beginning is no cause.
-- excludes: Users without any use; features no champion began with. A use before
--     tracking began is not known.

select
    features.feature_area,
    users.first_feature,
    count(*) as users,
    count(*) filter (where users.is_champion) as champions,
    round(1.0 * count(*) filter (where users.is_champion) / count(*), 4)
        as share_of_users
from entities.entity_users as users
inner join entities.entity_features as features
    on users.first_feature = features.feature_name
group by features.feature_area, users.first_feature
having count(*) filter (where users.is_champion) > 0
order by champions desc, features.feature_area asc, users.first_feature asc
