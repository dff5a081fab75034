-- Columns marked same_as_history and same_as_grain: the atomic table equals the current
-- version, and at a day boundary the newest day and, on a Sunday's end, the newest
-- week.
{%- set in_history = columns_marked('entity_users', 'same_as_history') -%}
{%- set in_grain = columns_marked('entity_users', 'same_as_grain') %}

select users.user_id
from {{ ref('entity_users') }} as users
left join {{ ref('entity_users_history') }} as history
    on users.user_id = history.user_id and history.is_current
left join {{ ref('entity_users_daily') }} as days
    on
        users.user_id = days.user_id
        and days.date = {{ as_of_date() }}
        and {{ as_of() }} = {{ day_end(as_of_date()) }}
left join {{ ref('entity_users_weekly') }} as weeks
    on
        users.user_id = weeks.user_id
        and weeks.week_start + 6 = {{ as_of_date() }}
        and {{ as_of() }} = {{ day_end(as_of_date()) }}
where
    history.user_id is null
    {%- for column in in_history %}
    or users.{{ column }} is distinct from history.{{ column }}
    {%- endfor %}
    or (
        days.user_id is not null
        and (
            false
            {%- for column in in_grain %}
            or users.{{ column }} is distinct from days.{{ column }}
            {%- endfor %}
        )
    )
    or (
        weeks.user_id is not null
        and (
            users.lifecycle_stage <> weeks.lifecycle_state
            {%- for column in in_grain %}
            or users.{{ column }} is distinct from weeks.{{ column }}
            {%- endfor %}
        )
    )
