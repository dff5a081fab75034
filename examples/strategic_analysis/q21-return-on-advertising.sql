-- id: Q21
-- question: What is the return over 12 months by objective and channel, and what should
--     be cut?
-- dashboard: Marketing
-- difficulty: hard
-- tables: entity_campaigns
-- key: objective, channel
-- reading: Gross profit on what the customers won were billed in their first 12 months,
--     less the media cost, over that cost. Below 0 the money did not come back in a
--     year. Before you cut: the return is by last touch, and only a holdout says what
--     is lost.
-- excludes: Campaigns that ended less than 12 months and the 90 days of a path ago:
--     their customers' first year is not over. Cost of people and tools.

select
    objective,
    channel,
    count(*) as campaigns,
    round(sum(spend_usd), 2) as spend_usd,
    round(sum(roi_12m * spend_usd) / sum(spend_usd), 4) as roi_12m
from entities.entity_campaigns
where roi_12m is not null
group by objective, channel
order by roi_12m, objective, channel
