{{ config(materialized='table') }}

-- Visits, form fills and sign-ups by market and week, and where the platforms were told
-- not to show ads: what the geo holdouts are judged by. The place is that of the visit
-- in which the form was filled in or the account was made.
with

sessions as (

    select * from {{ ref('int_touches__sessions') }}
    where
        not (is_bot or is_office or has_login)
        and region is not null
        and session_date <= {{ as_of_date() }}

),

campaigns as (

    select * from {{ ref('int_campaigns__campaigns') }}

),

versions as (

    select * from {{ ref('int_campaigns__versions') }}
    where
        superseded_at = {{ far_future() }}
        and excluded_regions is not null

),

-- one row a region and span without ads; Spark writes explode
exclusions as (

    select distinct
        campaigns.channel,
        split_part(place.name, ', ', 1) as region,
        split_part(place.name, ', ', 2) as country,
        versions.valid_from,
        versions.valid_to
    from versions
    inner join campaigns on versions.campaign_id = campaigns.campaign_id
    cross join
        lateral unnest(string_to_array(versions.excluded_regions, '; ')) as place (name)

),

weeks as (

    select distinct date_trunc('week', date)::date as week
    from {{ ref('int_calendar__days') }}
    where date <= {{ as_of_date() }}

),

markets as (

    select distinct
        country_code as country,
        region
    from sessions

),

counted as (

    select
        date_trunc('week', session_date)::date as week,
        country_code as country,
        region,
        count(*) as sessions,
        count(lead_at) as leads,
        count(sign_up_at) as sign_ups
    from sessions
    group by date_trunc('week', session_date), country_code, region

),

switched_off as (

    select distinct
        weeks.week,
        exclusions.country,
        exclusions.region,
        exclusions.channel
    from weeks
    inner join exclusions
        on
            exclusions.valid_from < {{ day_end('weeks.week + 2') }}
            and exclusions.valid_to > {{ day_end('weeks.week + 2') }}

)

select
    weeks.week,
    markets.country,
    markets.region,
    {{ as_of_date_once() }} - weeks.week as days_ago,
    coalesce(counted.sessions, 0)::integer as sessions,
    coalesce(counted.leads, 0)::integer as leads,
    coalesce(counted.sign_ups, 0)::integer as sign_ups,
    social.week is not null as is_social_off,
    brand.week is not null as is_brand_search_off
from weeks
cross join markets
left join counted
    on
        weeks.week = counted.week
        and markets.country = counted.country
        and markets.region = counted.region
left join switched_off as social
    on
        weeks.week = social.week
        and markets.country = social.country
        and markets.region = social.region
        and social.channel = 'social'
left join switched_off as brand
    on
        weeks.week = brand.week
        and markets.country = brand.country
        and markets.region = brand.region
        and brand.channel = 'brand_search'
