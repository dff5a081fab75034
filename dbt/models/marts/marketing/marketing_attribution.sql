-- The credits of every model under one another, so that a chart can put them side by
-- side.
with

campaigns as (

    select * from {{ ref('entity_campaigns') }}

),

credits as (

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
)

select
    attribution_model,
    channel,
    channel_group,
    new_customers,
    round(
        new_customers / nullif(sum(new_customers) over model, 0), 6
    ) as new_customers_share,
    new_mrr_usd,
    spend_usd
from credits
window model as (partition by attribution_model)
