-- id: Q25
-- question: Which yearly renewals in the next 60 days are at risk?
-- dashboard: Customer Success
-- difficulty: medium
-- tables: entity_customers
-- key: account_id
-- reading: Customers on a yearly plan decide once a year, so these weeks are the only
--     ones in which a call changes anything. Medium risk (5% and more) is listed, too.
-- excludes: Monthly and quarterly plans; customers who have already asked to end, for
--     whom there is no renewal.

select
    account_id,
    account_name,
    round(mrr_usd, 2) as mrr_usd,
    next_renewal_date,
    round(churn_probability_90d, 4) as churn_probability_90d,
    churn_risk_top_driver
from entities.entity_customers
where
    billing_interval = 'year'
    and next_renewal_date between as_of_date() + 1 and as_of_date() + 60
    and churn_risk_band in ('high', 'medium')
order by entity_customers.churn_probability_90d desc, account_id asc
