-- id: Q05
-- question: What was monthly logo churn (customers at the start of the month who are
--     gone at its end)?
-- dashboard: Executive
-- difficulty: medium
-- tables: entity_customers_monthly
-- key: month
-- reading: The cohort form: of the logos that lived when the month began, the share
--     that does not live when it ends. Who comes and goes within a month is in neither
--     figure; counting ends day by day (is_churned_logo) gives more.
-- excludes: Trials, the running month, and January 2024, whose eve the table does not
--     hold.

select
    month,
    count(*) as logos_at_start,
    count(*) filter (where not is_customer) as logos_lost,
    round(1.0 * count(*) filter (where not is_customer) / count(*), 4) as logo_churn
from entities.entity_customers_monthly
where
    was_customer
    and month < date_trunc('month', (select as_of_date()) + 1)
group by month
order by month
