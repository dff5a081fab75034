{{ config(indexes=[{'columns': ['email_campaign_id', 'sent_on']}]) }}

-- One row a marketing e-mail sent to one person: what became of it. The only reader of
-- HubSpot's e-mail events. Openings HubSpot itself takes for a machine's are left out;
-- those of privacy proxies it does not tell.
with

events as (

    select * from {{ ref('stg_hubspot__email_event') }}

),

links as (

    select * from {{ ref('stg_hubspot__email_event_click') }}
    where url like '%utm_campaign=%'

),

described as (

    select
        events.*,
        links.email_event_id is not null as is_tagged_click
    from events
    left join links on events.email_event_id = links.email_event_id

)

select
    sent_event_id,
    email_campaign_id,
    max(email_hash) as email_hash,
    min(sent_at) as sent_at,
    {{ utc_date('min(sent_at)') }} as sent_on,
    bool_or(event_type = 'delivered') as is_delivered,
    bool_or(event_type = 'bounce') as is_bounced,
    bool_or(event_type = 'open' and not is_bot) as is_opened,
    bool_or(event_type = 'click' and not is_bot) as is_clicked,
    bool_or(event_type = 'unsubscribed') as is_unsubscribed,
    min(event_at) filter (where is_tagged_click and not is_bot) as tagged_click_at,
    min(_arrived_at) as arrived_at
from described
group by sent_event_id, email_campaign_id
