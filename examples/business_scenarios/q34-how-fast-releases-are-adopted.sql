-- id: Q34
-- question: How fast was each release of the last 12 months adopted?
-- dashboard: Product
-- difficulty: medium
-- tables: entity_features
-- key: feature_name
-- reading: Adoption (two days of use in 30, of those who may use it) at the end of each
--     feature's own 30th and 90th day, so that old and young releases are compared at
--     the same age. Empty while that day lies ahead.
-- excludes: Features released earlier.

select
    feature_name,
    released_on,
    round(adoption_30d_after_release, 4) as adoption_30d,
    round(adoption_90d_after_release, 4) as adoption_90d
from entities.entity_features
where released_on > as_of_date() - interval '1 year'
order by released_on, feature_name
