{{ config(indexes=[{'columns': ['campaign_id', 'date'], 'unique': true}]) }}

-- What the platforms report of a campaign on a date of the ad account, as they say it
-- now. Meta counts form fills and sign-ups in a table of its own. LinkedIn bills in
-- euros and tells the dollars too.
with

google as (

    select
        'google_ads-' || campaign_id as campaign_id,
        stat_date as date,
        sum(impressions)::bigint as impressions,
        sum(clicks)::bigint as clicks,
        sum(cost) as spend_local,
        sum(cost) as spend_usd,
        sum(first_cost) as spend_first_reported_usd,
        sum(conversions)::numeric as platform_conversions,
        bool_or(is_restated) as is_restated
    from {{ ref('stg_google_ads__ad_stats') }}
    group by 1, 2

),

facebook_ads as (

    select distinct
        ad_id,
        campaign_id
    from {{ ref('stg_facebook_ads__ad_history') }}

),

facebook_actions as (

    select
        ad_id,
        stat_date,
        sum(action_count) as conversions
    from {{ ref('stg_facebook_ads__basic_ad_actions') }}
    where action_type in ('lead', 'complete_registration')
    group by 1, 2

),

facebook as (

    select
        'facebook_ads-' || facebook_ads.campaign_id as campaign_id,
        figures.stat_date as date,
        sum(figures.impressions)::bigint as impressions,
        sum(figures.clicks)::bigint as clicks,
        sum(figures.cost) as spend_local,
        sum(figures.cost) as spend_usd,
        sum(figures.first_cost) as spend_first_reported_usd,
        sum(coalesce(facebook_actions.conversions, 0))::numeric as platform_conversions,
        bool_or(figures.is_restated) as is_restated
    from {{ ref('stg_facebook_ads__basic_ad') }} as figures
    inner join facebook_ads on figures.ad_id = facebook_ads.ad_id
    left join facebook_actions
        on
            figures.ad_id = facebook_actions.ad_id
            and figures.stat_date = facebook_actions.stat_date
    group by 1, 2

),

linkedin_creatives as (

    select distinct
        creative_id,
        campaign_id
    from {{ ref('stg_linkedin_ads__creative_history') }}

),

linkedin as (

    select
        'linkedin_ads-' || linkedin_creatives.campaign_id as campaign_id,
        figures.stat_date as date,
        sum(figures.impressions)::bigint as impressions,
        sum(figures.clicks)::bigint as clicks,
        sum(figures.cost) as spend_local,
        sum(figures.cost_usd) as spend_usd,
        sum(figures.first_cost_usd) as spend_first_reported_usd,
        sum(figures.conversions)::numeric as platform_conversions,
        bool_or(figures.is_restated) as is_restated
    from {{ ref('stg_linkedin_ads__ad_analytics_by_creative') }} as figures
    inner join linkedin_creatives
        on figures.creative_id = linkedin_creatives.creative_id
    group by 1, 2

)

select * from google
union all
select * from facebook
union all
select * from linkedin
