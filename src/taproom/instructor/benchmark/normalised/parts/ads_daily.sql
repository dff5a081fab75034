-- What the three platforms report of a campaign on a date, as they say it now.
with

facebook_ads as (

    select distinct
        ad_id,
        campaign_id
    from staging.stg_facebook_ads__ad_history

),

facebook_actions as (

    select
        ad_id,
        stat_date,
        sum(action_count) as conversions
    from staging.stg_facebook_ads__basic_ad_actions
    where action_type in ('lead', 'complete_registration')
    group by ad_id, stat_date

),

linkedin_creatives as (

    select distinct
        creative_id,
        campaign_id
    from staging.stg_linkedin_ads__creative_history

)

select
    'google_ads-' || campaign_id as campaign_id,
    stat_date as date,
    impressions,
    clicks,
    cost as spend_usd,
    conversions::numeric as platform_conversions
from staging.stg_google_ads__ad_stats
where stat_date <= as_of_date()
union all
select
    'facebook_ads-' || facebook_ads.campaign_id as campaign_id,
    figures.stat_date as date,
    figures.impressions,
    figures.clicks,
    figures.cost as spend_usd,
    coalesce(facebook_actions.conversions, 0)::numeric as platform_conversions
from staging.stg_facebook_ads__basic_ad as figures
inner join facebook_ads on figures.ad_id = facebook_ads.ad_id
left join facebook_actions
    on
        figures.ad_id = facebook_actions.ad_id
        and figures.stat_date = facebook_actions.stat_date
where figures.stat_date <= as_of_date()
union all
select
    'linkedin_ads-' || linkedin_creatives.campaign_id as campaign_id,
    figures.stat_date as date,
    figures.impressions,
    figures.clicks,
    figures.cost_usd as spend_usd,
    figures.conversions::numeric as platform_conversions
from staging.stg_linkedin_ads__ad_analytics_by_creative as figures
inner join linkedin_creatives
    on figures.creative_id = linkedin_creatives.creative_id
where figures.stat_date <= as_of_date()
