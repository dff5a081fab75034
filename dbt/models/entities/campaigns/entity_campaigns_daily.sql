{{ config(indexes=[{'columns': ['date', 'campaign_id'], 'unique': true}]) }}

with

daily as (

    select * from {{ ref('int_campaigns__daily') }}

),

campaigns as (

    select * from {{ ref('int_campaigns__campaigns') }}

)

select
    -- what and when
    daily.date,
    daily.campaign_id,
    campaigns.campaign_name,
    campaigns.platform,
    campaigns.channel,
    {{ channel_group('campaigns.channel') }} as channel_group,
    campaigns.objective,
    campaigns.is_pseudo,
    daily.campaign_status,
    daily.excluded_regions,

    -- what the platform reports
    daily.spend_usd::numeric(18, 6) as spend_usd,
    daily.spend_local::numeric(18, 6) as spend_local,
    campaigns.currency,
    daily.spend_first_reported_usd::numeric(18, 6) as spend_first_reported_usd,
    daily.budget_usd::numeric(18, 6) as budget_usd,
    daily.impressions,
    daily.clicks,
    daily.platform_conversions::numeric(18, 6) as platform_conversions,
    daily.is_restated,

    -- what came of it
    daily.sessions,
    daily.engaged_sessions,
    daily.new_visitors,
    daily.mobile_sessions,
    daily.leads,
    daily.mqls,
    daily.sqls,
    daily.sign_ups,
    daily.trials,
    daily.deals_opened,
    daily.deals_won,
    daily.deals_lost,
    daily.deals_won_usd::numeric(18, 6) as deals_won_usd,
    daily.deals_won_days::numeric(18, 2) as deals_won_days,
    {%- for model in attribution_models() %}
    daily.customers_{{ model }}::numeric(18, 6) as new_customers_{{ model }},
    {%- endfor %}
    {%- for model in attribution_models() %}
    daily.mrr_{{ model }}_usd::numeric(18, 6) as new_mrr_{{ model }}_usd,
    {%- endfor %}

    -- e-mails sent on the day
    daily.email_sends,
    daily.email_deliveries,
    daily.email_opens,
    daily.email_clicks,
    daily.unsubscribes
from daily
inner join campaigns on daily.campaign_id = campaigns.campaign_id
