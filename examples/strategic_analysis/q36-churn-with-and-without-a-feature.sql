-- id: Q36
-- question: Do users of a feature churn less, and by how much (association)?
-- dashboard: Product
-- difficulty: hard
-- tables: entity_features
-- key: feature_name
-- reading: Of the customers of 90 days ago whose plan had the feature, the share that
--     has left since, among those who had used it and those who had not. The last
--     column compares accounts of like activity only; what it takes away from the
--     difference was never the feature's. Neither is an effect: eager customers use
--     more and stay anyway.
-- excludes: Features younger than 90 days; customers whose plan did not have the
--     feature.

select
    feature_name,
    user_accounts_90d_ago as user_accounts,
    round(user_account_churn_rate_90d, 4) as user_churn_90d,
    nonuser_accounts_90d_ago as other_accounts,
    round(nonuser_account_churn_rate_90d, 4) as other_churn_90d,
    round(churn_rate_difference_90d, 4) as difference,
    round(churn_rate_difference_adjusted_90d, 4) as difference_of_like
from entities.entity_features
where user_accounts_90d_ago + nonuser_accounts_90d_ago > 0
order by churn_rate_difference_90d nulls last, feature_name
