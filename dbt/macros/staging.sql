{#-
    Raw tables are logs of delivered row versions. `newest_of` gives every column of the newest
    delivered version of each key; `deliveries_of` gives every distinct version, at its first
    delivery, with _is_newest on the last one of each key. In a staging model that is a table
    (newest_wins in incremental.sql) a build after the first reads the new batches only.
-#}

{% macro newest_of(relation, key) -%}
    select ranked.*
    from (
        select
            delivered.*,
            row_number() over (
                partition by {{ key | join(', ') }}
                order by _arrived_at desc, _batch_seq desc, _row_no desc
            ) as _rank
        from {{ relation }} as delivered
        where {{ only_new_batches() }}
    ) as ranked
    where ranked._rank = 1
{%- endmacro %}

{#- version: what tells two versions of a key apart; equal rows are one delivery repeated. -#}
{% macro deliveries_of(relation, key, version) -%}
    select
        distinct_rows.*,
        row_number() over (
            partition by {{ key | join(', ') }}
            order by _arrived_at desc, _batch_seq desc, _row_no desc
        ) = 1 as _is_newest
    from (
        select
            delivered.*,
            row_number() over (
                partition by {{ (key + version) | join(', ') }}
                order by _arrived_at, _batch_seq, _row_no
            ) as _copy
        from {{ relation }} as delivered
    ) as distinct_rows
    where distinct_rows._copy = 1
{%- endmacro %}
