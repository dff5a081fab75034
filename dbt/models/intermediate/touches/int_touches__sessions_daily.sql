-- Visits of people by day and campaign, wherever they were.
select
    date,
    campaign_id,
    sum(sessions)::integer as sessions,
    sum(engaged_sessions)::integer as engaged_sessions,
    sum(new_visitors)::integer as new_visitors,
    sum(mobile_sessions)::integer as mobile_sessions
from {{ ref('int_touches__sessions_regional_daily') }}
group by date, campaign_id
