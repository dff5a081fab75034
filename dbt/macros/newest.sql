{#-
    Like newest_of, for tables in which a column of the source, and not the time of delivery,
    tells which row of a key is the newest.
-#}
{% macro newest_by(relation, key, column) -%}
    {{ one_of(relation, key, column ~ ' desc, _arrived_at desc, _batch_seq desc, _row_no desc') }}
{%- endmacro %}
