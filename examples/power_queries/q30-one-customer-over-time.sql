-- id: Q30
-- question: How did an account's status, plan and health change over time?
-- dashboard: Customer Success
-- difficulty: hard
-- tables: entity_customers_history
-- key: month_end
-- reading: One row a month-end: the version that was true at that instant, by what is
--     known now. The example is the customer with most venues; put another account_id
--     there. For what was known then, ask for the recorded_at and superseded_at around
--     the instant, too.
-- excludes: What changed and changed back between two month-ends; leave out the join
--     with month_ends to see every version.

with

example as (

    select account_id
    from entities.entity_customers_history
    where is_current and customer_status = 'active'
    order by location_count desc, account_id asc
    limit 1

),

month_ends as (

    select date_trunc('month', as_of_date() + 1) - make_interval(months => n) as instant
    from generate_series(0, 5) as n

)

select
    month_ends.instant::date - 1 as month_end,
    versions.account_id,
    versions.customer_status,
    versions.plan_tier,
    versions.health_band
from entities.entity_customers_history as versions
inner join example on versions.account_id = example.account_id
inner join month_ends
    on
        versions.valid_from <= month_ends.instant
        and versions.valid_to > month_ends.instant
where versions.superseded_at > month_ends.instant + interval '1000 years'
order by month_end
