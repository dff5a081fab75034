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

{#- Names of a model's columns whose meta has a flag such as same_as_grain set. -#}
{% macro columns_marked(model_name, flag) -%}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() if node.name == model_name -%}
            {%- for column in node.columns.values() -%}
                {%- set meta = column.config.meta if column.config else column.meta -%}
                {%- if meta.get(flag) -%}
                    {%- do found.append(column.name) -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro %}
