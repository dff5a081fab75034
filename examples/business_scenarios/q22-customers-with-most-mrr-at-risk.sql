-- id: Q22
-- question: Which 25 accounts have the most MRR at risk?
-- dashboard: Customer Success
-- difficulty: easy
-- tables: entity_customers
-- key: account_id
-- reading: MRR times the chance of leaving within 90 days: a list to call from the top.
--     The driver is what costs the health score most, or a cancellation or an unpaid
--     invoice that is already there.
-- excludes: Trials and former customers, who have no risk; paused ones have no MRR to
--     lose.

select
    account_id,
    account_name,
    round(mrr_usd, 2) as mrr_usd,
    round(churn_probability_90d, 4) as churn_probability_90d,
    round(mrr_at_risk_usd, 2) as mrr_at_risk_usd,
    churn_risk_top_driver
from entities.entity_customers
where mrr_at_risk_usd > 0
order by entity_customers.mrr_at_risk_usd desc, account_id asc
limit 25
