-- id: Q14
-- question: Which campaigns have a CAC that takes more than 12 months to pay back?
-- dashboard: Marketing
-- difficulty: medium
-- tables: entity_campaigns
-- key: campaign_id
-- reading: Media cost of the campaign over the gross profit a month of the customers
--     whose last touch it was. Advertising cost only: salaries would come on top. Last
--     touch is one opinion (Q15 shows others), and most campaigns here won a customer
--     or two.
-- excludes: Campaigns that won nobody: their payback is not long, there is none (Q21).

select
    campaign_id,
    campaign_name,
    round(spend_usd, 2) as spend_usd,
    round(customers_last_touch)::int as new_customers,
    round(cac_usd, 2) as cac_usd,
    round(payback_months, 2) as payback_months
from entities.entity_campaigns
where payback_months > 12
order by entity_campaigns.payback_months desc, campaign_id asc
