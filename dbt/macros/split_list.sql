{#-
    A comma-separated text as an array of texts; an empty text is an empty array.
    DuckDB writes string_split, Spark split.
-#}
{% macro split_list(expression) -%}
    string_to_array({{ expression }}, ',')
{%- endmacro %}
