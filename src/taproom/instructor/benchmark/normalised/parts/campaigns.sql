-- Campaigns of the three platforms, mailings, and what stands for visits of which no
-- campaign is known. In March 2025 Google's were replaced by new ones of the same tag.
with

google as (

    select distinct on (campaign_id)
        campaign_id,
        original_campaign_id,
        campaign_name,
        utm_campaign,
        area,
        starts_on,
        ends_on
    from staging.stg_google_ads__campaign_history
    order by campaign_id asc, updated_at desc

),

replacements as (

    select
        original_campaign_id as campaign_id,
        min(starts_on) as replaced_on
    from google
    where original_campaign_id <> campaign_id
    group by original_campaign_id

),

facebook_accounts as (

    select
        ad_account_id,
        max(timezone) as timezone
    from staging.stg_facebook_ads__account_history
    group by ad_account_id

),

facebook as (

    select distinct on (campaigns.campaign_id)
        campaigns.campaign_id,
        campaigns.campaign_name,
        replace(campaigns.objective, 'outcome_', '') as objective,
        (
            (campaigns.ends_at - interval '1 second') at time zone accounts.timezone
        )::date as ended_on
    from staging.stg_facebook_ads__campaign_history as campaigns
    inner join facebook_accounts as accounts
        on campaigns.ad_account_id = accounts.ad_account_id
    order by campaigns.campaign_id asc, campaigns.updated_at desc

),

linkedin as (

    select distinct on (campaign_id)
        campaign_id,
        campaign_name,
        ((ends_at - interval '1 second') at time zone 'UTC')::date as ended_on
    from staging.stg_linkedin_ads__campaign_history
    order by campaign_id asc, updated_at desc

),

every as (

    select
        'google_ads-' || google.campaign_id as campaign_id,
        'google_ads' as platform,
        case
            when google.utm_campaign like 'brand-search%' then 'brand_search'
            else 'generic_search'
        end as channel,
        google.campaign_name,
        'leads' as objective,
        google.ends_on as ended_on,
        google.utm_campaign,
        google.area,
        case
            when google.original_campaign_id = google.campaign_id
                then '1900-01-01'::date
            else google.starts_on
        end as tag_from,
        coalesce(replacements.replaced_on, '9999-12-31'::date) as tag_to
    from google
    left join replacements on google.campaign_id = replacements.campaign_id
    union all
    select
        'facebook_ads-' || campaign_id as campaign_id,
        'facebook_ads' as platform,
        'social' as channel,
        campaign_name,
        objective,
        ended_on,
        campaign_name as utm_campaign,
        null as area,
        '1900-01-01'::date as tag_from,
        '9999-12-31'::date as tag_to
    from facebook
    union all
    select
        'linkedin_ads-' || campaign_id as campaign_id,
        'linkedin_ads' as platform,
        'linkedin' as channel,
        campaign_name,
        'leads' as objective,
        ended_on,
        campaign_name as utm_campaign,
        null as area,
        '1900-01-01'::date as tag_from,
        '9999-12-31'::date as tag_to
    from linkedin
    union all
    select
        'hubspot-' || email_campaign_id as campaign_id,
        'hubspot' as platform,
        'email' as channel,
        email_name as campaign_name,
        null as objective,
        null::date as ended_on,
        null as utm_campaign,
        null as area,
        '1900-01-01'::date as tag_from,
        '9999-12-31'::date as tag_to
    from staging.stg_hubspot__email_campaign
    union all
    select
        rest.campaign_id,
        split_part(rest.campaign_id, '-', 1) as platform,
        rest.channel,
        rest.campaign_name,
        'none' as objective,
        null::date as ended_on,
        null as utm_campaign,
        null as area,
        '1900-01-01'::date as tag_from,
        '9999-12-31'::date as tag_to
    from (
        values
        ('none-organic', 'organic', 'organic search'),
        ('none-direct', 'direct', 'direct visits'),
        ('none-review_site', 'review_site', 'review site'),
        ('none-partner', 'partner', 'partners'),
        ('none-email', 'email', 'e-mail, mailing not known'),
        ('google_ads-unknown', 'search_other', 'Google Ads, campaign not known'),
        ('facebook_ads-unknown', 'social', 'Meta Ads, campaign not known'),
        ('linkedin_ads-unknown', 'linkedin', 'LinkedIn Ads, campaign not known')
    ) as rest (campaign_id, channel, campaign_name)

)

select
    every.*,
    case
        when channel in ('brand_search', 'generic_search', 'search_other')
            then 'paid_search'
        when channel in ('social', 'linkedin') then 'paid_social'
        when channel = 'organic' then 'organic_search'
        when channel in ('review_site', 'partner') then 'referral'
        else channel
    end as channel_group
from every
