-- Columns marked same_as_history and same_as_grain: the atomic table equals the current
-- version, and at a day boundary every plan's row of the newest day.
{%- set in_history = columns_marked('entity_features', 'same_as_history') -%}
{%- set in_grain = columns_marked('entity_features', 'same_as_grain') %}

select features.feature_id
from {{ ref('entity_features') }} as features
left join {{ ref('entity_features_history') }} as history
    on features.feature_id = history.feature_id and history.is_current
left join {{ ref('entity_features_daily') }} as days
    on
        features.feature_id = days.feature_id
        and days.date = {{ as_of_date() }}
where
    history.feature_id is null
    {%- for column in in_history %}
    or features.{{ column }} is distinct from history.{{ column }}
    {%- endfor %}
    or (
        days.feature_id is not null
        and {{ as_of() }} = {{ day_end(as_of_date()) }}
        and (
            false
            {%- for column in in_grain %}
            or features.{{ column }} is distinct from days.{{ column }}
            {%- endfor %}
        )
    )
