-- id: Q17
-- question: What is the funnel (lead, MQL, SQL, trial, customer) per channel?
-- dashboard: Marketing
-- difficulty: medium
-- tables: entity_campaigns
-- key: channel_group
-- reading: How many reached each stage, by the last touch before it. Stages are counted
--     by themselves and are no chain: who signs up without a form is a trial and never
--     was a lead, so a later column may exceed an earlier one.
-- excludes: Contacts of test accounts. All time since 2023.

select
    channel_group,
    sum(leads)::int as leads,
    sum(mqls)::int as mqls,
    sum(sqls)::int as sqls,
    sum(trials)::int as trials,
    round(sum(customers_last_touch))::int as customers
from entities.entity_campaigns
group by channel_group
having sum(leads + mqls + sqls + trials + customers_last_touch) > 0
order by leads desc, channel_group asc
