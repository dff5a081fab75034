-- E-mails of a campaign by the UTC day they were sent on, with what became of them
-- since: an opening three days later restates the day of the sending.
with

emails as (

    select * from {{ ref('int_campaigns__emails') }}

)

select
    'hubspot-' || email_campaign_id as campaign_id,
    sent_on as date,
    count(*)::integer as email_sends,
    (count(*) filter (where is_delivered))::integer as email_deliveries,
    (count(*) filter (where is_bounced))::integer as email_bounces,
    (count(*) filter (where is_opened))::integer as email_opens,
    (count(*) filter (where is_clicked))::integer as email_clicks,
    (count(*) filter (where is_unsubscribed))::integer as unsubscribes
from emails
group by 1, 2
