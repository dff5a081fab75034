-- id: Q06
-- question: How many paying customers are there, and what is ARPA, by plan?
-- dashboard: Executive
-- difficulty: easy
-- tables: entity_customers
-- key: plan_tier
-- reading: MRR per account that pays today. An account with several subscriptions
--     counts once, under the plan that brings the most.
-- excludes: Trials, and customers whose MRR is zero now (paused, full discount).

select
    plan_tier,
    count(*) as paying_customers,
    round(sum(mrr_usd), 2) as mrr_usd,
    round(avg(mrr_usd), 2) as arpa_usd
from entities.entity_customers
where mrr_usd > 0
group by plan_tier
order by arpa_usd, plan_tier
