{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='user_pseudo_id',
    changes_from='int_touches__changes',
    indexes=[
        {'columns': ['user_pseudo_id']}
    ]
) }}

-- Visits of the web site: events of a browser with no more than half an hour between
-- them. The only reader of GA4's events. Machines and the office stay in, marked: what
-- counts people leaves them out.
with

events as (

    select
        *,
        event_at - lag(event_at) over (
            partition by user_pseudo_id order by event_at, ga4_event_id
        ) as since_last
    from {{ ref('stg_ga4__event') }}
    where {{ only_changed('int_touches__changes', 'user_pseudo_id') }}

),

numbered as (

    select
        *,
        sum(
            case
                when since_last is null or since_last > interval '30 minutes' then 1
                else 0
            end
        ) over (
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

visits as (

    select
        user_pseudo_id,
        session_no,
        min(event_at) as started_at,
        max(event_at) as ended_at,
        max(user_id) as user_id,
        min(country_name) as country_name,
        min(region) as region,
        min(device_type) as device_type,
        max(session_source) filter (where tag_rank = 1) as source,
        max(session_medium) filter (where tag_rank = 1) as medium,
        max(session_campaign) filter (where tag_rank = 1) as utm_campaign,
        bool_or(gclid is not null) as has_gclid,
        bool_or(event_name = 'first_visit') as is_new_visitor,
        count(*)::integer as events,
        (count(*) filter (where event_name = 'page_view'))::integer as page_views,
        round(coalesce(sum(engagement_ms), 0) / 1000.0, 3) as engagement_seconds,
        bool_or(is_session_engaged) as is_engaged,
        bool_or(is_bot) as is_bot,
        min(event_at) filter (where event_name = 'generate_lead') as lead_at,
        min(event_at) filter (where event_name = 'sign_up') as sign_up_at,
        bool_or(event_name = 'login') as has_login
    from ranked
    group by user_pseudo_id, session_no

),

-- The office: browsers that come again and again by typing the address and never want
-- anything. A visitor who comes that often and leaves nothing looks the same.
browsers as (

    select
        user_pseudo_id,
        count(*) >= 3
        and not bool_or(source is not null or has_gclid)
        and not bool_or(has_login or lead_at is not null or sign_up_at is not null)
            as is_office
    from visits
    group by user_pseudo_id

)

select
    -- ids
    {{ hash_of(['visits.user_pseudo_id', 'visits.session_no']) }} as session_id,
    visits.user_pseudo_id,
    visits.user_id,

    -- text
    {{ country_code('visits.country_name') }} as country_code,
    visits.region,
    visits.device_type,
    visits.source,
    visits.medium,
    case when visits.medium = 'organic' then null else visits.utm_campaign end
        as utm_campaign,
    {{ touch_channel(
        'visits.source', 'visits.medium', 'visits.utm_campaign', 'visits.has_gclid'
    ) }} as channel,

    -- numbers
    visits.session_no::integer as session_no,
    visits.page_views,
    visits.events,
    visits.engagement_seconds,

    -- booleans
    visits.has_gclid,
    visits.is_new_visitor,
    visits.is_engaged,
    visits.has_login,
    visits.is_bot,
    browsers.is_office,

    -- timestamps
    visits.started_at,
    visits.ended_at,
    {{ utc_date('visits.started_at') }} as session_date,
    visits.lead_at,
    visits.sign_up_at
from visits
inner join browsers on visits.user_pseudo_id = browsers.user_pseudo_id
