{{ config(indexes=[{'columns': ['person_id']}]) }}

-- Every known touch of a person, that is of an account or of a contact without one:
-- visits of its browsers, clicks in marketing e-mails, and, until GA4's export of the
-- day has come, the tags the application took in with the sign-up. A visit that follows
-- a click in an e-mail is the same touch and counts once. Visits on the way to the
-- login are no touches.
with

sessions as (

    select * from {{ ref('int_touches__sessions') }}
    where not (is_bot or is_office or has_login)

),

browsers as (

    select * from {{ ref('int_touches__browsers') }}

),

contacts as (

    select * from {{ ref('int_touches__contacts') }}

),

-- addresses several contacts share belong to the first of them
recipients as (

    select
        contacts.*,
        row_number() over (
            partition by email_hash order by created_at, contact_id
        ) as contact_no
    from contacts
    where email_hash is not null

),

clicks as (

    select
        emails.sent_event_id,
        emails.email_campaign_id,
        emails.tagged_click_at as event_at,
        recipients.account_id,
        recipients.contact_id,
        recipients.person_id
    from {{ ref('int_campaigns__emails') }} as emails
    inner join recipients
        on emails.email_hash = recipients.email_hash and recipients.contact_no = 1
    where emails.tagged_click_at is not null

),

campaigns as (

    select * from {{ ref('int_campaigns__campaigns') }}

),

visits as (

    select
        sessions.session_id as touch_id,
        browsers.account_id,
        browsers.contact_id,
        browsers.person_id,
        sessions.started_at as touched_at,
        sessions.channel,
        sessions.utm_campaign,
        sessions.country_code,
        sessions.region,
        sessions.sign_up_at is not null as is_sign_up,
        'ga4' as touch_source
    from sessions
    inner join browsers on sessions.user_pseudo_id = browsers.user_pseudo_id

),

-- visits that an e-mail brought whose click is known
clicked as (

    select distinct visits.touch_id
    from visits
    inner join clicks
        on
            visits.person_id = clicks.person_id
            and visits.touched_at >= clicks.event_at - interval '10 minutes'
            and visits.touched_at <= clicks.event_at + interval '10 minutes'
    where visits.channel = 'email'

),

sign_ups as (

    select
        accounts.account_id as raw_account_id,
        identity.account_id,
        accounts.created_at,
        accounts.country,
        {{ clean_source('accounts.utm_source') }} as source,
        {{ clean_medium('accounts.utm_medium') }} as medium,
        {{ clean_campaign('accounts.utm_campaign') }} as utm_campaign
    from {{ ref('stg_app__accounts') }} as accounts
    inner join {{ ref('int_accounts__identity') }} as identity
        on accounts.account_id = identity.raw_account_id
    where not identity.is_test

),

unseen as (

    select sign_ups.*
    from sign_ups
    left join sessions on sign_ups.created_at = sessions.sign_up_at
    where sessions.session_id is null

),

touches as (

    select
        visits.touch_id,
        visits.account_id,
        visits.contact_id,
        visits.person_id,
        visits.touched_at,
        visits.channel,
        visits.utm_campaign,
        visits.country_code,
        visits.region,
        null::bigint as email_campaign_id,
        visits.touch_source
    from visits
    left join clicked on visits.touch_id = clicked.touch_id
    where clicked.touch_id is null
    union all
    select
        sent_event_id as touch_id,
        account_id,
        contact_id,
        person_id,
        event_at as touched_at,
        'email' as channel,
        null as utm_campaign,
        null as country_code,
        null as region,
        email_campaign_id,
        'hubspot' as touch_source
    from clicks
    union all
    select
        'sign_up-' || raw_account_id as touch_id,
        account_id,
        null::bigint as contact_id,
        account_id as person_id,
        created_at as touched_at,
        {{ touch_channel('source', 'medium', 'utm_campaign', 'false') }} as channel,
        utm_campaign,
        country as country_code,
        null as region,
        null::bigint as email_campaign_id,
        'app' as touch_source
    from unseen

),

-- since 2025-03-26 campaigns of one tag differ by area
placed as (

    select
        touches.*,
        coalesce(
            tagged.campaign_id, mailings.campaign_id,
            {{ rest_campaign('touches.channel') }}
        ) as campaign_id
    from touches
    left join campaigns as tagged
        on
            touches.utm_campaign = tagged.utm_campaign
            and touches.channel = tagged.channel
            and {{ utc_date('touches.touched_at') }} >= tagged.tag_from
            and {{ utc_date('touches.touched_at') }} < tagged.tag_to
            and coalesce(tagged.area, {{ ads_area('touches.country_code') }})
            = {{ ads_area('touches.country_code') }}
    left join campaigns as mailings
        on
            touches.email_campaign_id::text = mailings.platform_campaign_id
            and mailings.platform = 'hubspot'

)

select
    -- ids
    touch_id,
    person_id,
    account_id,
    contact_id,
    campaign_id,

    -- text
    channel,
    {{ channel_group('channel') }} as channel_group,
    touch_source,
    country_code,
    region,

    -- timestamps
    touched_at
from placed
