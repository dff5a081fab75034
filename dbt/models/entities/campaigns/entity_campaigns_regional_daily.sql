{{ config(indexes=[
    {'columns': ['date', 'campaign_id', 'country', 'region'], 'unique': true}
]) }}

with

regional as (

    select * from {{ ref('int_campaigns__regional_daily') }}

),

campaigns as (

    select * from {{ ref('int_campaigns__campaigns') }}

)

select
    -- what, when and where
    regional.date,
    regional.campaign_id,
    regional.country_code as country,
    regional.region,
    campaigns.campaign_name,
    campaigns.platform,
    campaigns.channel,
    {{ channel_group('campaigns.channel') }} as channel_group,

    -- what came of it
    regional.sessions,
    regional.engaged_sessions,
    regional.new_visitors,
    regional.mobile_sessions,
    regional.leads,
    regional.sign_ups,
    regional.trials,
    regional.new_customers,
    regional.new_mrr_usd::numeric(18, 6) as new_mrr_usd
from regional
inner join campaigns on regional.campaign_id = campaigns.campaign_id
