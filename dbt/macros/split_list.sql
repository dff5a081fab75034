{#- A comma-separated text as an array of texts; no entries give an empty array. -#}
{% macro split_list(expression) -%}
    {{ return(adapter.dispatch('split_list', 'taproom')(expression)) }}
{%- endmacro %}

{% macro default__split_list(expression) -%}
    string_to_array({{ expression }}, ',')
{%- endmacro %}

{% macro duckdb__split_list(expression) -%}
    string_split({{ expression }}, ',')
{%- endmacro %}

{% macro spark__split_list(expression) -%}
    split({{ expression }}, ',')
{%- endmacro %}
