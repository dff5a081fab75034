{#- No instant or date of the columns lies after the world's clock; null passes. -#}
{% test known_by_now(model, columns) %}

with

ahead as (

    select
        count(*) as all_rows
        {%- for column in columns %},
        count(*) filter (where {{ column }} > {{ as_of() }}) as {{ column }}
        {%- endfor %}
    from {{ model }}

)

{%- for column in columns %}
select
    '{{ column }}' as column_name,
    {{ column }} as rows_ahead
from ahead
where {{ column }} > 0
{% if not loop.last %}union all{% endif %}
{%- endfor %}

{% endtest %}
