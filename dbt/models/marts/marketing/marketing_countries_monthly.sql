{{ config(materialized='table') }}

-- Where it came of. The platforms do not tell their spend by place.
with

regional_daily as (

    select * from {{ ref('entity_campaigns_regional_daily') }}

)

select
    date_trunc('month', date)::date as month,
    to_char(date_trunc('month', date), 'YYYY-MM') as period,
    coalesce(country, '(unknown)') as country,
    channel,
    channel_group,
    sum(sessions) as sessions,
    sum(leads) as leads,
    sum(sign_ups) as sign_ups,
    sum(trials) as trials,
    sum(new_customers) as new_customers,
    sum(new_mrr_usd) as new_mrr_usd
from regional_daily
group by
    date_trunc('month', date), coalesce(country, '(unknown)'), channel, channel_group
