{#-
    What engines write differently stands here once, so that another engine is a change of
    this file and of no model.
-#}

{#- Hexadecimal SHA-256 of a text; null stays null. -#}
{% macro sha256(expression) -%}
    encode(sha256(convert_to({{ expression }}, 'UTF8')), 'hex')
{%- endmacro %}

{#- One spelling for one mailbox: lower case, no blanks, no +alias. -#}
{% macro normal_email(email) -%}
    regexp_replace(lower(trim({{ email }})), '[+][^@]*@', '@')
{%- endmacro %}

{#- A field of a JSON object as text; an empty text counts as missing. -#}
{% macro json_text(object, field) -%}
    nullif({{ object }} ->> '{{ field }}', '')
{%- endmacro %}

{#- md5 over columns, null and '' told apart. -#}
{% macro hash_of(columns) -%}
    md5(
        {%- for column in columns %}
        coalesce({{ column }}::text, '~'){% if not loop.last %} || '|' ||{% endif %}
        {%- endfor %}
    )
{%- endmacro %}
