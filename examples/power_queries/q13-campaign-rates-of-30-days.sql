-- id: Q13
-- question: What are CTR, CPC and conversion rate by campaign over the last 30 days?
-- dashboard: Marketing
-- difficulty: easy
-- tables: entity_campaigns_daily
-- key: campaign_id
-- reading: Clicks over showings, cost over clicks, and trials over clicks, each a ratio
--     of the 30 days' sums. Trials are our own: sign-ups with a trial whose last touch
--     was the campaign. Few of them, so compare the first two columns and distrust the
--     third.
-- excludes: Campaigns without a showing in the 30 days: e-mails and unpaid channels.

select
    campaign_id,
    campaign_name,
    round(1.0 * sum(clicks) / sum(impressions), 4) as ctr,
    round(sum(spend_usd) / nullif(sum(clicks), 0), 2) as cpc_usd,
    sum(trials)::int as trials,
    round(1.0 * sum(trials) / nullif(sum(clicks), 0), 4) as trials_per_click
from entities.entity_campaigns_daily
where date > as_of_date() - 30
group by campaign_id, campaign_name
having sum(impressions) > 0
order by sum(spend_usd) desc, campaign_id asc
