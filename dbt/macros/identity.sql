{#-
    A company's name as a key: people write the same name with and without its article, its
    legal form and its signs, in capitals or not.
-#}
{% macro name_key(name) -%}
    regexp_replace(
        regexp_replace(
            regexp_replace(
                replace(lower(trim({{ name }})), ' and ', ' & '),
                '( (llc|inc[.]?|(pty )?limited|ltd[.]?|gmbh|& co[.]?|group))+$',
                ''
            ),
            '^(the|le|de) ', ''
        ),
        '[^[:alnum:]]', '', 'g'
    )
{%- endmacro %}

{#-
    Whether two domains differ by no more than a slip of the finger, a letter dropped or
    doubled: they begin and end alike.
-#}
{% macro is_spelled_alike(left_domain, right_domain) -%}
    (
        abs(length({{ left_domain }}) - length({{ right_domain }})) <= 1
        and left({{ left_domain }}, 2) = left({{ right_domain }}, 2)
        and right({{ left_domain }}, 12) = right({{ right_domain }}, 12)
    )
{%- endmacro %}
