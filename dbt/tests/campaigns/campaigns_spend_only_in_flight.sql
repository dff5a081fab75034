-- Nothing is spent before a campaign begins or after it ends.
select
    daily.campaign_id,
    daily.date,
    daily.spend_usd
from {{ ref('entity_campaigns_daily') }} as daily
inner join {{ ref('entity_campaigns') }} as campaigns
    on daily.campaign_id = campaigns.campaign_id
where
    daily.spend_usd > 0
    and (daily.date < campaigns.started_on or daily.date > campaigns.ended_on)
