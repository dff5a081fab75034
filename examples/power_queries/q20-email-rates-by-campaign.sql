-- id: Q20
-- question: What are open, click and unsubscribe rate of each e-mail campaign?
-- dashboard: Marketing
-- difficulty: easy
-- tables: entity_campaigns_daily
-- key: campaign_id
-- reading: People out of e-mails delivered, each e-mail once however often it was
--     opened. Privacy proxies open by themselves and HubSpot does not find all of them,
--     so trust clicks more than openings.
-- excludes: E-mails that came back; openings and clicks of machines HubSpot found.

select
    campaign_id,
    campaign_name,
    sum(email_sends)::int as sent,
    sum(email_deliveries)::int as delivered,
    round(1.0 * sum(email_opens) / nullif(sum(email_deliveries), 0), 4) as open_rate,
    round(1.0 * sum(email_clicks) / nullif(sum(email_deliveries), 0), 4) as click_rate,
    round(1.0 * sum(unsubscribes) / nullif(sum(email_deliveries), 0), 4)
        as unsubscribe_rate
from entities.entity_campaigns_daily
where channel = 'email'
group by campaign_id, campaign_name
having sum(email_sends) > 0
order by delivered desc, campaign_id asc
