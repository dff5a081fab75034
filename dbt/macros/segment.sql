{#- Segment of an account by its number of venues: solo, group (2 to 9), chain (10 or more). -#}
{% macro segment(location_count) -%}
    case
        when {{ location_count }} >= 10 then 'chain'
        when {{ location_count }} >= 2 then 'group'
        else 'solo'
    end
{%- endmacro %}
