-- Every version of a campaign that a platform delivered, in one form. Where a platform
-- says paused of a campaign before its first or after its last day, that is what it
-- means: scheduled or ended. E-mails have no versions of their own: they are scheduled
-- when HubSpot first shows them, and a mailing to many has ended once it was sent.
with

google_accounts as (

    select
        ad_account_id,
        max(currency) as currency,
        max(timezone) as timezone
    from {{ ref('stg_google_ads__account_history') }}
    group by ad_account_id

),

facebook_accounts as (

    select
        ad_account_id,
        max(currency) as currency,
        max(timezone) as timezone
    from {{ ref('stg_facebook_ads__account_history') }}
    group by ad_account_id

),

google as (

    select
        'google_ads' as platform,
        campaigns.campaign_id::text as platform_campaign_id,
        campaigns.ad_account_id::text as platform_account_id,
        campaigns.campaign_name,
        campaigns.utm_campaign,
        campaigns.area,
        'leads' as objective,
        case
            when campaigns.campaign_status = 'enabled' then 'active'
            when campaigns.campaign_status = 'removed' then 'ended'
            when
                (campaigns.updated_at at time zone accounts.timezone)::date
                > campaigns.ends_on
                then 'ended'
            when
                (campaigns.updated_at at time zone accounts.timezone)::date
                < campaigns.starts_on
                then 'scheduled'
            else 'paused'
        end as campaign_status,
        campaigns.starts_on,
        campaigns.ends_on,
        accounts.currency,
        null::numeric as daily_budget_local,
        case
            when campaigns.original_campaign_id <> campaigns.campaign_id
                then 'google_ads-' || campaigns.original_campaign_id
        end as replaces_campaign_id,
        campaigns.updated_at as valid_from,
        campaigns.first_arrived_at as arrived_at
    from {{ ref('stg_google_ads__campaign_history') }} as campaigns
    inner join google_accounts as accounts
        on campaigns.ad_account_id = accounts.ad_account_id

),

facebook as (

    select
        'facebook_ads' as platform,
        campaigns.campaign_id::text as platform_campaign_id,
        campaigns.ad_account_id::text as platform_account_id,
        campaigns.campaign_name,
        campaigns.campaign_name as utm_campaign,
        null as area,
        replace(campaigns.objective, 'outcome_', '') as objective,
        case
            when campaigns.campaign_status = 'active' then 'active'
            when campaigns.campaign_status = 'archived' then 'ended'
            when campaigns.updated_at < campaigns.starts_at then 'scheduled'
            when campaigns.updated_at >= campaigns.ends_at then 'ended'
            else 'paused'
        end as campaign_status,
        (campaigns.starts_at at time zone accounts.timezone)::date as starts_on,
        (
            (campaigns.ends_at - interval '1 second') at time zone accounts.timezone
        )::date as ends_on,
        accounts.currency,
        campaigns.daily_budget as daily_budget_local,
        null as replaces_campaign_id,
        campaigns.updated_at as valid_from,
        campaigns._arrived_at as arrived_at
    from {{ ref('stg_facebook_ads__campaign_history') }} as campaigns
    inner join facebook_accounts as accounts
        on campaigns.ad_account_id = accounts.ad_account_id

),

linkedin as (

    select
        'linkedin_ads' as platform,
        campaign_id::text as platform_campaign_id,
        ad_account_id::text as platform_account_id,
        campaign_name,
        campaign_name as utm_campaign,
        null as area,
        'leads' as objective,
        case campaign_status
            when 'active' then 'active'
            when 'completed' then 'ended'
            when 'draft' then 'scheduled'
            else 'paused'
        end as campaign_status,
        {{ utc_date('starts_at') }} as starts_on,
        {{ utc_date("(ends_at - interval '1 second')") }} as ends_on,
        daily_budget_currency as currency,
        daily_budget as daily_budget_local,
        null as replaces_campaign_id,
        updated_at as valid_from,
        _arrived_at as arrived_at
    from {{ ref('stg_linkedin_ads__campaign_history') }}

),

mailings as (

    select * from {{ ref('stg_hubspot__email_campaign') }}

),

sendings as (

    select
        email_campaign_id,
        min(sent_on) as starts_on,
        max(sent_on) as ends_on,
        min(sent_at) as first_sent_at,
        min(arrived_at) as arrived_at
    from {{ ref('int_campaigns__emails') }}
    group by email_campaign_id

),

email_states as (

    select
        mailings.email_campaign_id,
        'scheduled' as campaign_status,
        mailings._arrived_at as valid_from,
        mailings._arrived_at as arrived_at
    from mailings
    left join sendings on mailings.email_campaign_id = sendings.email_campaign_id
    where coalesce(sendings.first_sent_at > mailings._arrived_at, true)
    union all
    select
        mailings.email_campaign_id,
        case mailings.sending_type when 'batch' then 'ended' else 'active' end
            as campaign_status,
        greatest(sendings.first_sent_at, mailings._arrived_at) as valid_from,
        greatest(sendings.arrived_at, mailings._arrived_at) as arrived_at
    from mailings
    inner join sendings on mailings.email_campaign_id = sendings.email_campaign_id

),

email as (

    select
        'hubspot' as platform,
        mailings.email_campaign_id::text as platform_campaign_id,
        null as platform_account_id,
        mailings.email_name as campaign_name,
        null as utm_campaign,
        null as area,
        case mailings.email_kind
            when 'nurture' then 'leads'
            when 'event' then 'leads'
            else 'engagement'
        end as objective,
        email_states.campaign_status,
        sendings.starts_on,
        case when mailings.sending_type = 'batch' then sendings.ends_on end as ends_on,
        null as currency,
        null::numeric as daily_budget_local,
        null as replaces_campaign_id,
        email_states.valid_from,
        email_states.arrived_at
    from email_states
    inner join mailings on email_states.email_campaign_id = mailings.email_campaign_id
    left join sendings on email_states.email_campaign_id = sendings.email_campaign_id

),

-- what no campaign of a platform stands for, so that credits sum to the customers
pseudo as (

    select
        split_part(rest.campaign_id, '-', 1) as platform,
        split_part(rest.campaign_id, '-', 2) as platform_campaign_id,
        null as platform_account_id,
        rest.campaign_name,
        null as utm_campaign,
        null as area,
        'none' as objective,
        'active' as campaign_status,
        '2023-01-01'::date as starts_on,
        null::date as ends_on,
        null as currency,
        null::numeric as daily_budget_local,
        null as replaces_campaign_id,
        '2023-01-01 00:00:00+00'::timestamptz as valid_from,
        '2023-01-01 00:00:00+00'::timestamptz as arrived_at
    from (
        values
        ('none-organic', 'organic search'),
        ('none-direct', 'direct visits'),
        ('none-review_site', 'review site'),
        ('none-partner', 'partners'),
        ('none-email', 'e-mail, mailing not known'),
        ('google_ads-unknown', 'Google Ads, campaign not known'),
        ('facebook_ads-unknown', 'Meta Ads, campaign not known'),
        ('linkedin_ads-unknown', 'LinkedIn Ads, campaign not known')
    ) as rest (campaign_id, campaign_name)

),

unioned as (

    select * from google
    union all
    select * from facebook
    union all
    select * from linkedin
    union all
    select * from email
    union all
    select * from pseudo

)

select
    platform || '-' || platform_campaign_id as campaign_id,
    unioned.*
from unioned
