-- id: Q15
-- question: How do first-touch, last-touch and Markov credit differ by channel?
-- dashboard: Marketing
-- difficulty: medium
-- tables: entity_campaigns
-- key: channel_group
-- reading: Each column gives out every new customer once, so rows show who gains by
--     which model: what starts paths gains by first touch, what ends them by last. None
--     of the three measures what would be lost without the channel; holdouts do.
-- excludes: Touches older than 90 days before the first payment, direct visits unless
--     there is nothing else.

select
    channel_group,
    round(sum(customers_first_touch), 2) as customers_first_touch,
    round(sum(customers_last_touch), 2) as customers_last_touch,
    round(sum(customers_markov), 2) as customers_markov
from entities.entity_campaigns
group by channel_group
having sum(customers_first_touch + customers_last_touch + customers_markov) > 0
order by customers_last_touch desc, channel_group asc
