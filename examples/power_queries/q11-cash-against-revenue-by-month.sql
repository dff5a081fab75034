-- id: Q11
-- question: How much cash was collected against recognised revenue each month?
-- dashboard: Executive
-- difficulty: medium
-- tables: entity_subscriptions_monthly
-- key: month
-- reading: Above 1 customers pay ahead (annual plans), below 1 old prepayments are
--     being earned. Part of the gap is tax: cash contains it, revenue does not.
-- excludes: From revenue: tax, void invoices, what was given back (on its day). From
--     cash: nothing is taken off for refunds.

select
    month,
    round(sum(collected_usd), 2) as collected_usd,
    round(sum(recognised_revenue_usd), 2) as recognised_revenue_usd,
    round(
        sum(collected_usd) / nullif(sum(recognised_revenue_usd), 0), 3
    ) as cash_per_revenue_usd
from entities.entity_subscriptions_monthly
group by month
order by month
