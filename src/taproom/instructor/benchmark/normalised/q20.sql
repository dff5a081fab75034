with

emails as (

    select
        sent_event_id,
        email_campaign_id,
        bool_or(event_type = 'delivered') as is_delivered,
        bool_or(event_type = 'open' and not is_bot) as is_opened,
        bool_or(event_type = 'click' and not is_bot) as is_clicked,
        bool_or(event_type = 'unsubscribed') as is_unsubscribed
    from staging.stg_hubspot__email_event
    group by sent_event_id, email_campaign_id
    having (min(sent_at) at time zone 'UTC')::date <= as_of_date()

),

sums as (

    select
        email_campaign_id,
        count(*) as sent,
        count(*) filter (where is_delivered) as delivered,
        count(*) filter (where is_opened) as opened,
        count(*) filter (where is_clicked) as clicked,
        count(*) filter (where is_unsubscribed) as unsubscribed
    from emails
    group by email_campaign_id

)

select
    'hubspot-' || sums.email_campaign_id as campaign_id,
    mailings.email_name as campaign_name,
    sums.sent::int as sent,
    sums.delivered::int as delivered,
    round(1.0 * sums.opened / nullif(sums.delivered, 0), 4) as open_rate,
    round(1.0 * sums.clicked / nullif(sums.delivered, 0), 4) as click_rate,
    round(1.0 * sums.unsubscribed / nullif(sums.delivered, 0), 4) as unsubscribe_rate
from sums
inner join staging.stg_hubspot__email_campaign as mailings
    on sums.email_campaign_id = mailings.email_campaign_id
order by sums.delivered desc, campaign_id asc
