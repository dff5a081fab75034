{#-
    No value of the columns lies outside the bounds, which are allowed themselves; null passes.
    A bound is SQL: a number, a literal or another column.
-#}
{% test within(model, columns, at_least=none, at_most=none) %}

with

outside as (

    select
        count(*) as all_rows
        {%- for column in columns %},
        count(*) filter (
            where
                {%- if at_least is not none %}
                {{ column }} < {{ at_least }}
                {%- endif %}
                {%- if at_least is not none and at_most is not none %}
                or
                {%- endif %}
                {%- if at_most is not none %}
                {{ column }} > {{ at_most }}
                {%- endif %}
        ) as {{ column }}
        {%- endfor %}
    from {{ model }}

)

{%- for column in columns %}
select
    '{{ column }}' as column_name,
    {{ column }} as rows_outside
from outside
where {{ column }} > 0
{% if not loop.last %}union all{% endif %}
{%- endfor %}

{% endtest %}
