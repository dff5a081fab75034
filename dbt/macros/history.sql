{#- Names of the columns whose value differs from the version before, joined by commas. -#}
{% macro changed_columns(columns, current, previous_prefix) -%}
    concat_ws(
        ',',
        {%- for column in columns %}
        case
            when
                {{ current }}.{{ column }}
                is distinct from {{ previous_prefix }}{{ column }}
                then '{{ column }}'
        end{% if not loop.last %},{% endif %}
        {%- endfor %}
    )
{%- endmacro %}
