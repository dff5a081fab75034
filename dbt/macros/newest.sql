{#-
    Like newest_of, for tables in which a column of the source, and not the time of delivery,
    tells which row of a key is the newest.
-#}
{% macro newest_by(relation, key, column) -%}
    select ranked.*
    from (
        select
            delivered.*,
            row_number() over (
                partition by {{ key | join(', ') }}
                order by {{ column }} desc, _arrived_at desc, _batch_seq desc, _row_no desc
            ) as _rank
        from {{ relation }} as delivered
        where {{ only_new_batches() }}
    ) as ranked
    where ranked._rank = 1
{%- endmacro %}
