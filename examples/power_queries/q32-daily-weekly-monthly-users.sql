-- id: Q32
-- question: What are DAU, WAU and MAU for the last 90 days?
-- dashboard: Product
-- difficulty: easy
-- tables: entity_customers_daily
-- key: date
-- reading: People with at least one use of a feature on the day, in its last 7 and in
--     its last 30 days. A person belongs to one account, so sums over accounts count
--     nobody twice; sums over days would.
-- excludes: Sign-ins, page views and errors are no use. Test and demo accounts.

select
    date,
    sum(active_users) as dau,
    sum(active_users_7d) as wau,
    sum(active_users_30d) as mau
from entities.entity_customers_daily
where date > as_of_date() - 90
group by date
order by date
