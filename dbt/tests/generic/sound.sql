{#-
    What a column promises, many columns in one reading of the model, which may be a view over
    a long log. filled: never null. counted: never below zero. known: not after the world's
    clock. trimmed: text without blanks around it, and not empty. ids: column and the regular
    expression it matches. Null passes all but the first.
-#}
{% test sound(model, filled=[], counted=[], known=[], trimmed=[], ids={}) %}

{%- set rules = [] -%}
{%- for column in filled -%}
    {%- do rules.append((column, 'is filled', column ~ ' is null')) -%}
{%- endfor -%}
{%- for column in counted -%}
    {%- do rules.append((column, 'is not negative', column ~ ' < 0')) -%}
{%- endfor -%}
{%- for column in known -%}
    {%- do rules.append((column, 'is not ahead of the clock', column ~ ' > ' ~ as_of())) -%}
{%- endfor -%}
{%- for column in trimmed -%}
    {%- do rules.append((column, 'is trimmed', column ~ " !~ '^\\S(.*\\S)?$'")) -%}
{%- endfor -%}
{%- for column, pattern in ids.items() -%}
    {%- do rules.append((column, 'is an id', column ~ " !~ '" ~ pattern ~ "'")) -%}
{%- endfor %}

with

broken as (

    select
        count(*) as all_rows
        {%- for column, rule, condition in rules %},
        count(*) filter (where {{ condition }}) as broken_{{ loop.index }}
        {%- endfor %}
    from {{ model }}

)

{%- for column, rule, condition in rules %}
select
    '{{ column }}' as column_name,
    '{{ rule }}' as rule,
    broken_{{ loop.index }} as broken_rows
from broken
where broken_{{ loop.index }} > 0
{% if not loop.last %}union all{% endif %}
{%- endfor %}

{% endtest %}
