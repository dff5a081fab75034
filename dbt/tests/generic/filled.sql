{#- None of the columns is ever null; one reading of the table for all of them. -#}
{% test filled(model, columns) %}

with

empty as (

    select
        count(*) as all_rows
        {%- for column in columns %},
        count(*) filter (where {{ column }} is null) as {{ column }}
        {%- endfor %}
    from {{ model }}

)

{%- for column in columns %}
select
    '{{ column }}' as column_name,
    {{ column }} as empty_rows
from empty
where {{ column }} > 0
{% if not loop.last %}union all{% endif %}
{%- endfor %}

{% endtest %}
