-- What came of a campaign on a day is the sum over its places.
{%- set summed = [
    'sessions', 'engaged_sessions', 'new_visitors', 'leads', 'sign_ups', 'trials'
] %}
with

regional as (

    select
        date,
        campaign_id,
        {%- for column in summed %}
        sum({{ column }}) as {{ column }},
        {%- endfor %}
        sum(new_customers) as new_customers,
        sum(new_mrr_usd) as new_mrr_usd
    from {{ ref('entity_campaigns_regional_daily') }}
    group by date, campaign_id

)

select
    daily.date,
    daily.campaign_id
from {{ ref('entity_campaigns_daily') }} as daily
full join regional
    on daily.date = regional.date and daily.campaign_id = regional.campaign_id
where
    daily.date is null
    {%- for column in summed %}
    or daily.{{ column }} <> coalesce(regional.{{ column }}, 0)
    {%- endfor %}
    or abs(daily.new_customers_last_touch - coalesce(regional.new_customers, 0)) > 0.001
    or abs(daily.new_mrr_last_touch_usd - coalesce(regional.new_mrr_usd, 0)) > 0.001
