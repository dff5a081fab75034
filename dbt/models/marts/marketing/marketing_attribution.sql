-- The credits of every model under one another, so that a chart can put them side by
-- side.
with

campaigns as (

    select * from {{ ref('entity_campaigns') }}

)

{% for model in attribution_models() -%}
select
    '{{ model }}' as attribution_model,
    channel,
    channel_group,
    sum(customers_{{ model }}) as new_customers,
    sum(mrr_{{ model }}_usd) as new_mrr_usd,
    sum(spend_usd) as spend_usd
from campaigns
group by channel, channel_group
{% if not loop.last -%}
union all
{% endif -%}
{% endfor %}
