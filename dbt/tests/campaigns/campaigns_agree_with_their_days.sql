-- The atomic table sums the daily one, column by column.
{%- set summed = [
    'spend_usd', 'impressions', 'clicks', 'platform_conversions', 'sessions',
    'engaged_sessions', 'new_visitors', 'leads', 'mqls', 'sqls', 'sign_ups', 'trials',
    'email_sends', 'email_deliveries', 'email_opens', 'email_clicks', 'unsubscribes'
] %}
with

daily as (

    select
        campaign_id,
        {%- for column in summed %}
        coalesce(sum({{ column }}), 0) as {{ column }},
        {%- endfor %}
        {%- for model in attribution_models() %}
        sum(new_customers_{{ model }}) as customers_{{ model }},
        sum(new_mrr_{{ model }}_usd) as mrr_{{ model }}_usd
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ ref('entity_campaigns_daily') }}
    group by campaign_id

)

select campaigns.campaign_id
from {{ ref('entity_campaigns') }} as campaigns
left join daily on campaigns.campaign_id = daily.campaign_id
where
    false
    {%- for column in summed %}
    or abs(campaigns.{{ column }} - coalesce(daily.{{ column }}, 0)) > 0.001
    {%- endfor %}
    {%- for model in attribution_models() %}
    or abs(campaigns.customers_{{ model }} - coalesce(daily.customers_{{ model }}, 0))
    > 0.001
    or abs(campaigns.mrr_{{ model }}_usd - coalesce(daily.mrr_{{ model }}_usd, 0))
    > 0.001
    {%- endfor %}
