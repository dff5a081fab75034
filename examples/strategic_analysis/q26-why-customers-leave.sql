-- id: Q26
-- question: What are the main churn reasons, split into voluntary and involuntary?
-- dashboard: Customer Success
-- difficulty: medium
-- tables: entity_customers
-- key: churn_type, churn_reason
-- reading: Voluntary ends are decisions, and the reason is what the customer chose from
--     a list, not always the true one. Involuntary ends are failed payments: no health
--     score stops them, better dunning does.
-- excludes: Customers who came back, and trials that were never converted.

select
    churn_type,
    churn_reason,
    count(*) as customers,
    round(1.0 * count(*) / sum(count(*)) over (), 4) as share
from entities.entity_customers
where customer_status = 'churned'
group by churn_type, churn_reason
order by customers desc, churn_type asc, churn_reason asc
