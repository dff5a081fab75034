{{ config(materialized='table') }}

with

campaigns_daily as (

    select * from {{ ref('entity_campaigns_daily') }}

)

select
    date,
    platform,
    channel,
    channel_group,
    objective,
    date_trunc('month', date)::date as month,
    to_char(date, 'YYYY-MM') as period,
    {{ as_of_date_once() }} - date as days_ago,
    {{ as_of_date_once() }}
    >= (date_trunc('month', date) + interval '1 month')::date - 1 as in_complete_month,
    sum(spend_usd) as spend_usd,
    sum(budget_usd) as budget_usd,
    sum(impressions) as impressions,
    sum(clicks) as clicks,
    sum(platform_conversions) as platform_conversions,
    sum(sessions) as sessions,
    sum(new_visitors) as new_visitors,
    sum(leads) as leads,
    sum(mqls) as mqls,
    sum(sqls) as sqls,
    sum(sign_ups) as sign_ups,
    sum(trials) as trials,
    sum(new_customers_last_touch) as new_customers,
    sum(new_mrr_last_touch_usd) as new_mrr_usd,
    sum(email_sends) as email_sends,
    sum(email_deliveries) as email_deliveries,
    sum(email_opens) as email_opens,
    sum(email_clicks) as email_clicks,
    sum(unsubscribes) as unsubscribes
from campaigns_daily
group by date, platform, channel, channel_group, objective
