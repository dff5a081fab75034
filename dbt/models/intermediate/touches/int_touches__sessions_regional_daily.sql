-- Visits of people by day, campaign and the place their network address tells.
-- Machines, the office and visits on the way to the login are left out. GA4 does not
-- say which mailing brought a visit, so those of e-mails stand with the pseudo-campaign
-- none-email.
with

sessions as (

    select
        session_date,
        channel,
        utm_campaign,
        country_code,
        region,
        {{ ads_area('country_code') }} as area,
        count(*) as sessions,
        count(*) filter (where is_engaged) as engaged_sessions,
        count(*) filter (where is_new_visitor) as new_visitors,
        count(*) filter (where device_type = 'mobile') as mobile_sessions
    from {{ ref('int_touches__sessions') }}
    where not (is_bot or is_office or has_login)
    group by 1, 2, 3, 4, 5, 6

),

campaigns as (

    select * from {{ ref('int_campaigns__campaigns') }}

)

select
    sessions.session_date as date,
    coalesce(campaigns.campaign_id, {{ rest_campaign('sessions.channel') }})
        as campaign_id,
    sessions.country_code,
    sessions.region,
    sum(sessions.sessions)::integer as sessions,
    sum(sessions.engaged_sessions)::integer as engaged_sessions,
    sum(sessions.new_visitors)::integer as new_visitors,
    sum(sessions.mobile_sessions)::integer as mobile_sessions
from sessions
left join campaigns
    on
        sessions.utm_campaign = campaigns.utm_campaign
        and sessions.channel = campaigns.channel
        and sessions.session_date >= campaigns.tag_from
        and sessions.session_date < campaigns.tag_to
        and coalesce(campaigns.area, sessions.area) = sessions.area
group by 1, 2, 3, 4
