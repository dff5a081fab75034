{{ config(indexes=[{'columns': ['campaign_id'], 'unique': true}]) }}

-- One row a campaign as it stands now: the platforms', the mailings, and the
-- pseudo-campaigns for what no campaign can be named for. tag_from and tag_to bound the
-- days on which a visit with the campaign's tag is the campaign's: they matter where
-- Google's rebuilding of 2025-03-26 put new campaigns of the same tag in place of one.
with

platform_versions as (

    select
        platform_versions.*,
        row_number() over (
            partition by campaign_id order by valid_from desc, arrived_at desc
        ) as recency
    from {{ ref('int_campaigns__platform_versions') }} as platform_versions

),

versions as (

    select * from {{ ref('int_campaigns__versions') }}
    where
        valid_to = {{ far_future() }}
        and superseded_at = {{ far_future() }}

),

newest as (

    select * from platform_versions
    where recency = 1

),

replacements as (

    select
        replaces_campaign_id as campaign_id,
        min(starts_on) as replaced_on
    from newest
    where replaces_campaign_id is not null
    group by replaces_campaign_id

)

select
    -- ids
    newest.campaign_id,
    newest.platform,
    newest.platform_campaign_id,
    newest.platform_account_id,
    newest.replaces_campaign_id,

    -- text
    newest.campaign_name,
    newest.utm_campaign,
    newest.area,
    case
        when newest.platform = 'hubspot' then 'email'
        when newest.platform = 'none' then newest.platform_campaign_id
        when newest.platform = 'facebook_ads' then 'social'
        when newest.platform = 'linkedin_ads' then 'linkedin'
        when newest.platform_campaign_id = 'unknown' then 'search_other'
        when newest.utm_campaign like 'brand-search%' then 'brand_search'
        else 'generic_search'
    end as channel,
    newest.objective,
    versions.campaign_status,
    newest.currency,
    versions.excluded_regions,

    -- numbers
    versions.daily_budget_local,

    -- booleans
    newest.platform = 'none' or newest.platform_campaign_id = 'unknown' as is_pseudo,

    -- dates
    newest.starts_on as started_on,
    versions.ends_on as ended_on,
    case
        when newest.replaces_campaign_id is null then '1900-01-01'::date
        else newest.starts_on
    end as tag_from,
    coalesce(replacements.replaced_on, '9999-12-31'::date) as tag_to
from newest
inner join versions on newest.campaign_id = versions.campaign_id
left join replacements on newest.campaign_id = replacements.campaign_id
