{#-
    Raw tables are logs of delivered row versions. `newest_of` gives every column of the newest
    delivered version of each key; `deliveries_of` gives every distinct version, at its first
    delivery, with _is_newest on the last one of each key. In a staging model that is a table
    (newest_wins in incremental.sql) a build after the first reads the new batches only.

    PostgreSQL takes a filter on row_number() for one row in two hundred and then joins row by row;
    of distinct on it knows how many keys there are, so it has its own form (one_of).
-#}

{% macro newest_of(relation, key) -%}
    {{ one_of(relation, key, '_arrived_at desc, _batch_seq desc, _row_no desc') }}
{%- endmacro %}

{#- Every column of the first row of each key in an order. -#}
{% macro one_of(relation, key, first, where=none) -%}
    {%- if adapter is not defined -%}
        {#- the linter, which knows no database -#}
        {{ postgres__one_of(relation, key, first, where or only_new_batches()) }}
    {%- else -%}
        {{ adapter.dispatch('one_of')(relation, key, first, where or only_new_batches()) }}
    {%- endif -%}
{%- endmacro %}

{% macro default__one_of(relation, key, first, where) -%}
    select ranked.*
    from (
        select
            delivered.*,
            row_number() over (
                partition by {{ key | join(', ') }}
                order by {{ first }}
            ) as _rank
        from {{ relation }} as delivered
        where {{ where }}
    ) as ranked
    where ranked._rank = 1
{%- endmacro %}

{% macro postgres__one_of(relation, key, first, where) -%}
    select distinct on ({{ key | join(', ') }}) delivered.*
    from {{ relation }} as delivered
    where {{ where }}
    order by {{ key | join(', ') }}, {{ first }}
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
        {{ one_of(relation, key + version, '_arrived_at, _batch_seq, _row_no', 'true') }}
    ) as distinct_rows
{%- endmacro %}
