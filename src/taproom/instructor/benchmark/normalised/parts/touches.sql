-- Every known touch of a person: visits of its browsers, clicks in e-mails, and the
-- tags of a sign-up whose visit is not known. A visit that a known click brought counts
-- once.
with

-- whose browser it is: by the second of a sign-up, by its user, by the second of a form
traces as (

    select
        visits.user_pseudo_id,
        customers.account_id as person_id,
        null::bigint as contact_id,
        1 as rank_of_trace,
        visits.sign_up_at as seen_at
    from visits
    inner join staging.stg_app__accounts as accounts
        on
            visits.sign_up_at = accounts.created_at
            and visits.country_code = accounts.country
    inner join customers on accounts.account_id = customers.raw_account_id
    union all
    select
        visits.user_pseudo_id,
        customers.account_id as person_id,
        null::bigint as contact_id,
        2 as rank_of_trace,
        visits.started_at as seen_at
    from visits
    inner join staging.stg_app__users as users on visits.user_id = users.user_id
    inner join customers on users.account_id = customers.raw_account_id
    union all
    select
        visits.user_pseudo_id,
        contacts.person_id,
        contacts.contact_id,
        3 as rank_of_trace,
        visits.lead_at as seen_at
    from visits
    inner join contacts on visits.lead_at = contacts.lead_at

),

browsers as (

    select distinct on (user_pseudo_id)
        user_pseudo_id,
        person_id
    from traces
    order by
        user_pseudo_id asc,
        rank_of_trace asc,
        seen_at asc,
        person_id asc,
        contact_id asc

),

links as (

    select email_event_id
    from staging.stg_hubspot__email_event_click
    where url like '%utm_campaign=%'

),

-- addresses several contacts share belong to the first of them
recipients as (

    select distinct on (email_hash)
        email_hash,
        person_id
    from contacts
    where email_hash is not null
    order by email_hash asc, created_at asc, contact_id asc

),

mailed as (

    select
        events.sent_event_id,
        events.email_campaign_id,
        max(events.email_hash) as email_hash,
        min(events.event_at) filter (
            where links.email_event_id is not null and not events.is_bot
        ) as clicked_at
    from staging.stg_hubspot__email_event as events
    left join links on events.email_event_id = links.email_event_id
    group by events.sent_event_id, events.email_campaign_id

),

clicks as (

    select
        mailed.sent_event_id,
        mailed.email_campaign_id,
        mailed.clicked_at,
        recipients.person_id
    from mailed
    inner join recipients on mailed.email_hash = recipients.email_hash
    where mailed.clicked_at is not null

),

known_visits as (

    select
        visits.session_id as touch_id,
        browsers.person_id,
        visits.started_at as touched_at,
        visits.channel,
        visits.utm_campaign,
        visits.country_code
    from visits
    inner join browsers on visits.user_pseudo_id = browsers.user_pseudo_id
    where not visits.is_no_touch

),

brought_by_click as (

    select distinct known_visits.touch_id
    from known_visits
    inner join clicks
        on
            known_visits.person_id = clicks.person_id
            and known_visits.touched_at >= clicks.clicked_at - interval '10 minutes'
            and known_visits.touched_at <= clicks.clicked_at + interval '10 minutes'
    where known_visits.channel = 'email'

),

-- tags as people wrote them, one word for one thing
sign_ups as (

    select
        accounts.account_id as raw_account_id,
        customers.account_id,
        accounts.created_at,
        accounts.country,
        regexp_replace(lower(trim(accounts.utm_source)), '[.]com$', '') as source,
        translate(lower(trim(accounts.utm_medium)), '- ', '__') as medium,
        case
            when accounts.utm_campaign ~ '(%7B|[{])' then null
            when lower(trim(accounts.utm_campaign)) in ('', '(not set)') then null
            else lower(trim(accounts.utm_campaign))
        end as utm_campaign
    from staging.stg_app__accounts as accounts
    inner join customers on accounts.account_id = customers.raw_account_id

),

every_touch as (

    select
        known_visits.touch_id,
        known_visits.person_id,
        known_visits.touched_at,
        known_visits.channel,
        known_visits.utm_campaign,
        known_visits.country_code,
        null::bigint as email_campaign_id
    from known_visits
    left join brought_by_click on known_visits.touch_id = brought_by_click.touch_id
    where brought_by_click.touch_id is null
    union all
    select
        sent_event_id as touch_id,
        person_id,
        clicked_at as touched_at,
        'email' as channel,
        null as utm_campaign,
        null as country_code,
        email_campaign_id
    from clicks
    union all
    select
        'sign_up-' || sign_ups.raw_account_id as touch_id,
        sign_ups.account_id as person_id,
        sign_ups.created_at as touched_at,
        case
            when sign_ups.medium = 'organic' then 'organic'
            when sign_ups.source = 'google'
                then
                    case
                        when sign_ups.utm_campaign like 'brand-search%'
                            then 'brand_search'
                        when sign_ups.utm_campaign is not null then 'generic_search'
                        else 'search_other'
                    end
            when sign_ups.source in ('facebook', 'fb') then 'social'
            when sign_ups.source in ('linkedin', 'lnkd') then 'linkedin'
            when sign_ups.source in ('newsletter', 'email', 'mailing') then 'email'
            when sign_ups.source = 'capterra' then 'review_site'
            when sign_ups.source = 'partner' then 'partner'
            else 'direct'
        end as channel,
        sign_ups.utm_campaign,
        sign_ups.country as country_code,
        null::bigint as email_campaign_id
    from sign_ups
    left join visits
        on sign_ups.created_at = visits.sign_up_at and not visits.is_no_touch
    where visits.session_id is null

),

placed as (

    select
        every_touch.*,
        (touched_at at time zone 'UTC')::date as date,
        case
            when country_code in ('US', 'CA') then 'us'
            when country_code in ('AU', 'JP') then 'apac'
            else 'emea'
        end as area
    from every_touch

)

select
    placed.touch_id,
    placed.person_id,
    placed.touched_at,
    placed.channel,
    coalesce(
        tagged.campaign_id,
        mailings.campaign_id,
        case
            when placed.channel in ('brand_search', 'generic_search', 'search_other')
                then 'google_ads-unknown'
            when placed.channel = 'social' then 'facebook_ads-unknown'
            when placed.channel = 'linkedin' then 'linkedin_ads-unknown'
            else 'none-' || placed.channel
        end
    ) as campaign_id
from placed
left join campaigns as tagged
    on
        placed.utm_campaign = tagged.utm_campaign
        and placed.channel = tagged.channel
        and placed.date >= tagged.tag_from
        and placed.date < tagged.tag_to
        and coalesce(tagged.area, placed.area) = placed.area
left join campaigns as mailings
    on 'hubspot-' || placed.email_campaign_id = mailings.campaign_id
