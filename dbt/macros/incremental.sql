{#-
    Incremental models are rebuilt by key: every key that has a row in a batch newer than the
    model itself is rebuilt whole, and all keys get the new days. How far a model is built is
    kept in ops.model_build, one row a model, written in the transaction that builds the model.
    A table so built equals the same table built at once, which tests/warehouse proves.
-#}

{% macro create_build_log() -%}
    create table if not exists ops.model_build (
        model text primary key,
        batch_seq bigint not null,
        as_of_date date not null,
        as_of timestamptz not null
    )
{%- endmacro %}

{#- Post-hook of an incremental model: remember the newest batch and day it holds. -#}
{% macro log_build() -%}
    {%- if model.config.materialized == 'incremental' -%}
    insert into ops.model_build (model, batch_seq, as_of_date, as_of)
    select
        '{{ this.identifier }}' as model,
        (select coalesce(max(batch.batch_seq), 0) from ops.batch as batch) as batch_seq,
        {{ as_of_date() }} as as_of_date,
        {{ as_of() }} as as_of
    on conflict (model) do update set
        batch_seq = excluded.batch_seq,
        as_of_date = excluded.as_of_date,
        as_of = excluded.as_of
    {%- endif -%}
{%- endmacro %}

{#- Post-hook of a table: without statistics the planner guesses wrong on the next model. -#}
{% macro analyze_table() -%}
    {%- if model.config.materialized in ('table', 'incremental') -%}
    analyze {{ this }}
    {%- endif -%}
{%- endmacro %}

{#- Newest batch the model was built from; 0 at a full refresh. A literal. -#}
{% macro built_through() -%}
    {%- if execute and is_incremental() -%}
        {%- set found = run_query(
            "select batch_seq from ops.model_build where model = '" ~ this.identifier ~ "'"
        ) -%}
        {{ return(found.columns[0][0] if found.rows else 0) }}
    {%- endif -%}
    {{ return(0) }}
{%- endmacro %}

{#- Last day the model was built for; long ago at a full refresh. A literal. -#}
{% macro built_date() -%}
    {%- if execute and is_incremental() -%}
        {%- set found = run_query(
            "select as_of_date from ops.model_build where model = '" ~ this.identifier ~ "'"
        ) -%}
        {%- if found.rows -%}
            {{ return("'" ~ found.columns[0][0] ~ "'::date") }}
        {%- endif -%}
    {%- endif -%}
    {{ return("'1900-01-01'::date") }}
{%- endmacro %}

{#-
    Strategy `by_key`: delete every changed key and the days from the model's end on, insert.
    also_delete names a macro that gives one more condition.
-#}
{% macro get_incremental_by_key_sql(arg_dict) -%}
    {%- set key = config.require('unique_key') -%}
    {%- set changes = ref(config.require('changes_from')) -%}
    {%- set grain_date = config.get('grain_date') -%}
    {%- set also_delete = config.get('also_delete') -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    delete from {{ arg_dict['target_relation'] }}
    where
        {{ key }} in (
            select changed.{{ key }} from {{ changes }} as changed
            where changed.batch_seq > {{ built_through() }}
        )
        {%- if grain_date == 'month' %}
        or month >= date_trunc('month', {{ built_date() }})::date
        {%- elif grain_date %}
        or {{ grain_date }} > {{ built_date() }}
        {%- endif %}
        {%- if also_delete %}
        or {{ context[also_delete]() }}
        {%- endif %};
    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }}
{%- endmacro %}
