{#-
    Values a statement needs as literals, because the planner knows nothing of the result of a
    subquery: how far a model is built, which keys changed. Where dbt runs the statement they
    are looked up on the spot; where it writes the statement down for a tick (tick_plan.sql),
    the question stands in their place, between «kind: and », and the tick asks it.
-#}

{#- One number. -#}
{% macro look_up_number(query) -%}
    {%- if model.get('is_written_down') -%}{{ return('«number:' ~ query ~ '»') }}{%- endif -%}
    {{ return((run_query(query).columns[0].values() or [0])[0]) }}
{%- endmacro %}

{#- One date. -#}
{% macro look_up_date(query) -%}
    {%- if model.get('is_written_down') -%}{{ return('«date:' ~ query ~ '»') }}{%- endif -%}
    {{ return("'" ~ ((run_query(query).columns[0].values() or ['1900-01-01'])[0]) ~ "'::date") }}
{%- endmacro %}

{#-
    What stands behind `in`: values that hold no apostrophe, or the query itself when they are
    many. `never` equals nothing, of any type: an empty list would make no condition.
-#}
{% macro look_up_list(query, never="null") -%}
    {%- if model.get('is_written_down') -%}
        {{ return('«list:' ~ never ~ ':' ~ query ~ '»') }}
    {%- endif -%}
    {%- set values = run_query(query).columns[0].values() | list -%}
    {%- if values | length > 2000 -%}{{ return('(' ~ query ~ ')') }}{%- endif -%}
    {{ return("('" ~ (values | join("', '")) ~ "')" if values else '(' ~ never ~ ')') }}
{%- endmacro %}
