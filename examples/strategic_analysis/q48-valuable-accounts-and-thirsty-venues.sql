-- id: Q48
-- question: Do campaigns that bring high-LTV accounts also bring venues with high pour
--     volume?
-- dashboard: Operations
-- difficulty: hard
-- tables: entity_customers, entity_locations
-- key: acquisition_channel
-- reading: By the channel a customer came through, what a customer is worth a month
--     beside what its venues pour in 30 days. MRR stands for lifetime value, which
--     needs 30 ends in a segment. Venues are summed up for each account first: joined
--     row by row, an account of ten venues would count ten times.
-- excludes: Accounts that do not pay today; venues without a measured pour count as
--     none.

with

venues as (

    select
        account_id,
        sum(volume_l_30d) as litres_30d
    from entities.entity_locations
    group by account_id

)

select
    customers.acquisition_channel,
    count(*) as customers,
    round(avg(customers.mrr_usd), 2) as mrr_per_customer_usd,
    round(avg(customers.ltv_usd), 2) as ltv_per_customer_usd,
    round(avg(coalesce(venues.litres_30d, 0)), 1) as litres_per_customer_30d
from entities.entity_customers as customers
left join venues on customers.account_id = venues.account_id
where customers.mrr_usd > 0
group by customers.acquisition_channel
order by mrr_per_customer_usd desc, customers.acquisition_channel asc
