{#- Every value of the columns matches the regular expression; null passes. -#}
{% test matching(model, columns, pattern) %}

with

other as (

    select
        count(*) as all_rows
        {%- for column in columns %},
        count(*) filter (where {{ column }} !~ '{{ pattern }}') as {{ column }}
        {%- endfor %}
    from {{ model }}

)

{%- for column in columns %}
select
    '{{ column }}' as column_name,
    {{ column }} as other_rows
from other
where {{ column }} > 0
{% if not loop.last %}union all{% endif %}
{%- endfor %}

{% endtest %}
