-- Visits of the web site: events of a browser with no more than half an hour between
-- them. Browsers that come again and again by typing the address and never want
-- anything are the office.
with

events as (

    select
        *,
        case
            when
                event_at - lag(event_at) over in_order <= interval '30 minutes' then 0
            else 1
        end as is_start
    from staging.stg_ga4__event
    window in_order as (partition by user_pseudo_id order by event_at, ga4_event_id)

),

numbered as (

    select
        *,
        sum(is_start) over (
            partition by user_pseudo_id order by event_at, ga4_event_id
        ) as session_no
    from events

),

-- what brought the visit stands with its first events only
ranked as (

    select
        *,
        row_number() over (
            partition by user_pseudo_id, session_no
            order by
                case when session_source is null and gclid is null then 1 else 0 end,
                event_at,
                ga4_event_id
        ) as tag_rank
    from numbered

),

sessions as (

    select
        user_pseudo_id,
        session_no,
        min(event_at) as started_at,
        max(user_id) as user_id,
        min(country_name) as country_name,
        max(session_source) filter (where tag_rank = 1) as source,
        max(session_medium) filter (where tag_rank = 1) as medium,
        max(session_campaign) filter (where tag_rank = 1) as utm_campaign,
        bool_or(gclid is not null) as has_gclid,
        bool_or(is_bot) as is_bot,
        min(event_at) filter (where event_name = 'generate_lead') as lead_at,
        min(event_at) filter (where event_name = 'sign_up') as sign_up_at,
        bool_or(event_name = 'login') as has_login
    from ranked
    group by user_pseudo_id, session_no

),

browsers as (

    select
        user_pseudo_id,
        count(*) >= 3
        and not bool_or(source is not null or has_gclid)
        and not bool_or(has_login or lead_at is not null or sign_up_at is not null)
            as is_office
    from sessions
    group by user_pseudo_id

)

select
    md5(sessions.user_pseudo_id || '|' || sessions.session_no) as session_id,
    sessions.user_pseudo_id,
    sessions.user_id,
    sessions.started_at,
    sessions.lead_at,
    sessions.sign_up_at,
    case sessions.country_name
        when 'United States' then 'US'
        when 'United Kingdom' then 'GB'
        when 'Germany' then 'DE'
        when 'Canada' then 'CA'
        when 'Australia' then 'AU'
        when 'France' then 'FR'
        when 'Netherlands' then 'NL'
        when 'Ireland' then 'IE'
        when 'Japan' then 'JP'
    end as country_code,
    case when sessions.medium = 'organic' then null else sessions.utm_campaign end
        as utm_campaign,
    case
        when sessions.medium = 'organic' then 'organic'
        when sessions.source = 'google' or sessions.has_gclid
            then
                case
                    when sessions.utm_campaign like 'brand-search%' then 'brand_search'
                    when sessions.utm_campaign is not null then 'generic_search'
                    else 'search_other'
                end
        when sessions.source = 'facebook' then 'social'
        when sessions.source = 'linkedin' then 'linkedin'
        when sessions.source = 'newsletter' then 'email'
        when sessions.source = 'capterra' then 'review_site'
        when sessions.source = 'partner' then 'partner'
        else 'direct'
    end as channel,
    sessions.is_bot or browsers.is_office or sessions.has_login as is_no_touch
from sessions
inner join browsers on sessions.user_pseudo_id = browsers.user_pseudo_id
