-- The atomic table is the history's current row, in the columns marked so.
{%- set columns = columns_marked('entity_campaigns', 'same_as_history') %}

select campaigns.campaign_id
from {{ ref('entity_campaigns') }} as campaigns
left join {{ ref('entity_campaigns_history') }} as history
    on campaigns.campaign_id = history.campaign_id and history.is_current
where
    false
    {%- for column in columns %}
    or campaigns.{{ column }} is distinct from history.{{ column }}
    {%- endfor %}
    or history.campaign_id is null
