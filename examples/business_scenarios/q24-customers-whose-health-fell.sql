-- id: Q24
-- question: Which accounts fell by 20 or more health points in 30 days?
-- dashboard: Customer Success
-- difficulty: medium
-- tables: entity_customers
-- key: account_id
-- reading: A fall says more than a low score: these customers were well a month ago.
--     Begin with those who pay most.
-- excludes: Accounts without a score today or 30 days ago.

select
    account_id,
    account_name,
    round(mrr_usd, 2) as mrr_usd,
    round(health_score_30d_ago, 1) as health_score_30d_ago,
    round(health_score, 1) as health_score,
    round(health_score - health_score_30d_ago, 1) as change
from entities.entity_customers
where health_score_30d_ago - health_score >= 20
order by entity_customers.health_score - health_score_30d_ago, account_id
