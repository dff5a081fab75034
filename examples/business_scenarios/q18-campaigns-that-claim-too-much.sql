-- id: Q18
-- question: Which campaigns over-claim (the platform's conversions against the leads
--     and sign-ups that we see as theirs by last touch)?
-- dashboard: Marketing
-- difficulty: hard
-- tables: entity_campaigns_daily
-- key: campaign_id
-- reading: Each platform counts every form and sign-up it has touched, so over
--     platforms some are counted twice; ours are counted once. A gap is no fraud, but
--     budgets set by the platform's figure reward those who claim most. The 20 largest
--     gaps.
-- excludes: E-mails and unpaid channels; the campaigns' losses to tags we could not
--     read.

with

campaigns as (

    select
        campaign_id,
        campaign_name,
        sum(platform_conversions) as platform_conversions,
        sum(leads + sign_ups) as own_conversions
    from entities.entity_campaigns_daily
    where not is_pseudo and platform in ('google_ads', 'facebook_ads', 'linkedin_ads')
    group by campaign_id, campaign_name

)

select
    campaign_id,
    campaign_name,
    round(platform_conversions, 2) as platform_conversions,
    own_conversions::int as own_conversions,
    round(platform_conversions - own_conversions, 2) as claimed_too_much
from campaigns
where platform_conversions > own_conversions
order by
    campaigns.platform_conversions - campaigns.own_conversions desc, campaign_id asc
limit 20
