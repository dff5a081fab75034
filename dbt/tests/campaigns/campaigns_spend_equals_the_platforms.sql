-- What the platforms say they were paid, row by row from staging, stands in the daily
-- table to the cent, and so in the atomic one.
with

reported as (

    select
        'google_ads' as platform,
        sum(cost) as spend_usd
    from {{ ref('stg_google_ads__ad_stats') }}
    where stat_date <= {{ as_of_date() }}
    union all
    select
        'facebook_ads' as platform,
        sum(cost) as spend_usd
    from {{ ref('stg_facebook_ads__basic_ad') }}
    where stat_date <= {{ as_of_date() }}
    union all
    select
        'linkedin_ads' as platform,
        sum(cost_usd) as spend_usd
    from {{ ref('stg_linkedin_ads__ad_analytics_by_creative') }}
    where stat_date <= {{ as_of_date() }}

),

daily as (

    select
        platform,
        sum(spend_usd) as spend_usd
    from {{ ref('entity_campaigns_daily') }}
    group by platform

),

atomic as (

    select
        platform,
        sum(spend_usd) as spend_usd
    from {{ ref('entity_campaigns') }}
    group by platform

)

select
    daily.platform,
    reported.spend_usd as reported,
    daily.spend_usd as daily,
    atomic.spend_usd as atomic
from daily
inner join atomic on daily.platform = atomic.platform
left join reported on daily.platform = reported.platform
where
    abs(daily.spend_usd - coalesce(reported.spend_usd, 0)) >= 0.005
    or abs(atomic.spend_usd - coalesce(reported.spend_usd, 0)) >= 0.005
