-- Columns marked same_as_history and same_as_grain: the atomic table equals the current
-- version, and at a day boundary the newest day.
{%- set in_history = columns_marked('entity_customers', 'same_as_history') -%}
{%- set in_grain = columns_marked('entity_customers', 'same_as_grain') %}

select customers.account_id
from {{ ref('entity_customers') }} as customers
left join {{ ref('entity_customers_history') }} as history
    on customers.account_id = history.account_id and history.is_current
left join {{ ref('entity_customers_daily') }} as days
    on
        customers.account_id = days.account_id
        and days.date = {{ as_of_date() }}
where
    history.account_id is null
    {%- for column in in_history %}
    or customers.{{ column }} is distinct from history.{{ column }}
    {%- endfor %}
    or (
        days.account_id is not null
        and {{ as_of() }} = {{ day_end(as_of_date()) }}
        and (
            false
            {%- for column in in_grain %}
            or customers.{{ column }} is distinct from days.{{ column }}
            {%- endfor %}
        )
    )
