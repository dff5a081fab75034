with

google as (

    select
        'google_ads' as platform,
        stat_date,
        cost,
        clicks
    from staging.stg_google_ads__ad_stats

),

facebook_ads as (

    select distinct ad_id
    from staging.stg_facebook_ads__ad_history

),

facebook as (

    select
        'facebook_ads' as platform,
        figures.stat_date,
        figures.cost,
        figures.clicks
    from staging.stg_facebook_ads__basic_ad as figures
    inner join facebook_ads on figures.ad_id = facebook_ads.ad_id

),

linkedin_creatives as (

    select distinct creative_id
    from staging.stg_linkedin_ads__creative_history

),

linkedin as (

    select
        'linkedin_ads' as platform,
        figures.stat_date,
        figures.cost_usd as cost,
        figures.clicks
    from staging.stg_linkedin_ads__ad_analytics_by_creative as figures
    inner join linkedin_creatives
        on figures.creative_id = linkedin_creatives.creative_id

),

every as (

    select * from google
    union all
    select * from facebook
    union all
    select * from linkedin

)

select
    platform,
    date_trunc('month', stat_date)::date as month,
    round(sum(cost), 2) as spend_usd,
    sum(clicks)::bigint as clicks
from every
where
    stat_date
    > date_trunc('month', as_of_date()) - interval '11 months' - interval '1 day'
group by platform, date_trunc('month', stat_date)
order by platform, month
