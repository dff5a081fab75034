{#-
    Incremental models are rebuilt by key: every key that has a row in a batch newer than the
    model itself is rebuilt whole, and all keys get the new days. How far a model is built is
    kept in ops.model_build, one row a table, written in the transaction that builds the model.
    A table so built equals the same table built at once, which tests/warehouse proves.
-#}

{% macro create_build_log() -%}
    create table if not exists ops.model_build (
        model text primary key,
        batch_seq bigint not null,
        as_of_date date not null,
        as_of timestamptz not null
    );
    -- the batch that last changed the table's rows: a tick asks whether parents moved on
    alter table ops.model_build add column if not exists changed_seq bigint
{%- endmacro %}

{#- Post-hook of a table: remember the newest batch and day it holds. -#}
{% macro log_build() -%}
    {%- if model.config.materialized in ('table', 'incremental') -%}
    insert into ops.model_build (model, batch_seq, changed_seq, as_of_date, as_of)
    select
        '{{ this.identifier }}' as model,
        (select coalesce(max(batch.batch_seq), 0) from ops.batch as batch) as batch_seq,
        (select coalesce(max(batch.batch_seq), 0) from ops.batch as batch) as changed_seq,
        {{ as_of_date() }} as as_of_date,
        {{ as_of() }} as as_of
    on conflict (model) do update set
        batch_seq = excluded.batch_seq,
        changed_seq = excluded.changed_seq,
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

{#-
    As dbt's own, and true while the statement of a tick is written down. The linter, which
    knows no model, sees the incremental branches; a unit test, which builds no table, the
    others.
-#}
{% macro is_incremental() -%}
    {{ return(
        model is not defined or model.get('is_written_down', false)
        or (this is not none and dbt.is_incremental())
    ) }}
{%- endmacro %}

{#- Newest batch the model was built from; 0 at a full refresh. A literal. -#}
{% macro built_through() -%}
    {%- if execute and is_incremental() -%}
        {{ return(look_up_number(
            "select batch_seq from ops.model_build where model = '" ~ this.identifier ~ "'"
        )) }}
    {%- endif -%}
    {{ return(0) }}
{%- endmacro %}

{#- Last day the model was built for; long ago at a full refresh. A literal. -#}
{% macro built_date() -%}
    {%- if execute and is_incremental() -%}
        {{ return(look_up_date(
            "select as_of_date from ops.model_build where model = '" ~ this.identifier ~ "'"
        )) }}
    {%- endif -%}
    {{ return("'1900-01-01'::date") }}
{%- endmacro %}

{#-
    First month that all keys get anew: the one the model's last day lies in, if a day has
    ended since; without a new day none. A literal.
-#}
{% macro open_month() -%}
    {%- if execute and is_incremental() -%}
        {{ return(look_up_date(
            "select case when public.as_of_date() > as_of_date"
            ~ " then date_trunc('month', as_of_date)::date else '9999-12-31'::date end"
            ~ " from ops.model_build where model = '" ~ this.identifier ~ "'"
        )) }}
    {%- endif -%}
    {{ return("'1900-01-01'::date") }}
{%- endmacro %}

{#- What stands behind `in`: the keys that changed since the model was built. -#}
{% macro changed_keys() -%}
    {%- set changes = ref(config.require('changes_from')) -%}
    {{ return(look_up_list(
        'select distinct changed.' ~ config.require('unique_key') ~ ' from ' ~ changes
        ~ ' as changed where changed.batch_seq > ' ~ built_through()
    )) }}
{%- endmacro %}

{#-
    Condition on an import: in an incremental build only the keys that changed, as a list of
    literals, which the planner carries into views and windows. Without effect in a full one.
    `changes` is the model that changes_from names; dbt wants it said when it reads the model.
-#}
{% macro only_changed(changes, column) -%}
    {%- if model is not defined -%}
        {{ return('true') }}
    {%- elif not execute -%}
        {%- do ref(changes) -%}
    {%- elif is_incremental() -%}
        {{ return(column ~ ' in ' ~ changed_keys()) }}
    {%- endif -%}
    {{ return('true') }}
{%- endmacro %}

{#- Rows an incremental build takes away before it inserts: see by_key below. -#}
{% macro by_key_condition() -%}
    {%- set grain_date = config.get('grain_date') -%}
    {%- set also_delete = config.get('also_delete') -%}
    {{ config.require('unique_key') }} in {{ changed_keys() }}
    {%- if grain_date == 'month' %}
    or month >= {{ open_month() }}
    {%- elif grain_date %}
    or {{ grain_date }} > {{ built_date() }}
    {%- endif %}
    {%- if also_delete %}
    or {{ context[also_delete]() }}
    {%- endif %}
{%- endmacro %}

{#-
    Strategy `by_key`: delete every changed key and the days from the model's end on, insert.
    also_delete names a macro that gives one more condition.
-#}
{% macro get_incremental_by_key_sql(arg_dict) -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    delete from {{ arg_dict['target_relation'] }}
    where {{ by_key_condition() }};
    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }}
{%- endmacro %}

{#-
    Row logs (readings of devices, events of users) change by cell: what one thing did in one
    hour or on one day. Strategy `newest_wins`, for staging models that are tables: rows of the
    new batches come in, and one that is no older by the column `newest` replaces the row of
    its key. Their source is read with this condition.
-#}
{% macro only_new_batches() -%}
    {%- if model is defined and config.get('incremental_strategy') == 'newest_wins'
            and is_incremental() -%}
        {{ return('_batch_seq > ' ~ built_through()) }}
    {%- endif -%}
    {{ return('true') }}
{%- endmacro %}

{#-
    Ranges of a raw log by batch: a tick reads the newest end of millions of rows. Without effect
    where the index exists.
-#}
{% macro index_batches(source_name, table) -%}
    create index if not exists {{ table }}_batch_brin
    on {{ source(source_name, table) }} using brin (_batch_seq)
{%- endmacro %}

{#- target.a = rows.a and target.b = rows.b -#}
{% macro same_key(columns, left, right) -%}
    {%- set columns = [columns] if columns is string else columns -%}
    {%- for column in columns -%}
        {{ left }}.{{ column }} = {{ right }}.{{ column }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro get_incremental_newest_wins_sql(arg_dict) -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    {%- set key = config.require('unique_key') -%}
    {%- set newest = config.require('newest') -%}
    delete from {{ arg_dict['target_relation'] }} as target
    using {{ arg_dict['temp_relation'] }} as new_rows
    where {{ same_key(key, 'target', 'new_rows') }}
        and new_rows.{{ newest }} >= target.{{ newest }};
    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }} as new_rows
    where not exists (
        select 1 from {{ arg_dict['target_relation'] }} as target
        where {{ same_key(key, 'target', 'new_rows') }}
    )
    {{- prune_sql(arg_dict['target_relation']) }}
{%- endmacro %}

{#-
    What is not kept for ever: keep_days of a model's config is [column, days]; rows whose
    instant (or date) lies further back than so many days before the clock are left out.
-#}
{% macro too_old() -%}
    {%- if config.get('keep_days') -%}
        {%- set column, days = config.get('keep_days') -%}
        {{ return(column ~ ' < ' ~ as_of() ~ " - interval '" ~ days ~ " days'") }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}

{#- The same as a condition on the rows of a model's SELECT. -#}
{% macro is_kept() -%}
    {%- if model is not defined or not config.get('keep_days') -%}{{ return('true') }}{%- endif -%}
    {%- set column, days = config.get('keep_days') -%}
    {{ return(column ~ ' >= ' ~ as_of() ~ " - interval '" ~ days ~ " days'") }}
{%- endmacro %}

{% macro prune_sql(relation) -%}
    {%- if config.get('keep_days') -%}
    ;
    delete from {{ relation }} where {{ too_old() }}
    {%- endif -%}
{%- endmacro %}

{#-
    Strategy `by_cell`: unique_key is a list of columns, cells_from names the view that lists
    (those columns, batch_seq), also_cells a macro that gives a query for more of them. The
    cells that changed since the model was built are put into a temporary table; they are
    deleted, and the model's SELECT gives their rows anew. It takes its imports' rows by
    only_changed_cells, or joins cells_table() itself where it needs a cell's neighbours. What
    also_cells reads and the model does not, the model names in a comment depends_on.
-#}
{% macro cells_table() -%}
    {{ return(this.identifier ~ '__cells') }}
{%- endmacro %}

{% macro cells_query() -%}
    {%- set key = config.require('unique_key') | join(', ') -%}
    select {{ key }}
    from {{ ref(config.require('cells_from')) }}
    where batch_seq > {{ built_through() }}
    {%- if config.get('also_cells') %}
    union
    {{ context[config.get('also_cells')]() }}
    {%- else %}
    group by {{ key }}
    {%- endif %}
{%- endmacro %}

{#- Pre-hook of every model. -#}
{% macro find_changed_cells() -%}
    {%- if execute and config.get('incremental_strategy') == 'by_cell' and is_incremental() -%}
    create temporary table {{ cells_table() }} on commit drop as
    {{ cells_query() }};
    analyze {{ cells_table() }}
    {%- endif -%}
{%- endmacro %}

{#-
    Condition on an import: in an incremental build only the cells that changed, given by the
    import's names of the key columns. `changes` is the model that cells_from names.
-#}
{% macro only_changed_cells(changes, columns) -%}
    {%- if model is not defined -%}
        {{ return('true') }}
    {%- elif not execute -%}
        {%- do ref(changes) -%}
    {%- elif is_incremental() -%}
        {{ return(
            '(' ~ (columns | join(', ')) ~ ') in (select '
            ~ (config.require('unique_key') | join(', ')) ~ ' from ' ~ cells_table() ~ ')'
        ) }}
    {%- endif -%}
    {{ return('true') }}
{%- endmacro %}

{#-
    What to read an import from: in an incremental build its rows of the changed cells, looked
    up cell by cell, which keeps the planner from reckoning all rows out first and choosing
    then. For views whose rows are dear; `columns` are the import's names of the key columns,
    or expressions on the cell's where those differ ({name: expression}).
-#}
{% macro rows_of_changed_cells(changes, relation, columns) -%}
    {%- if model is not defined -%}
        {{ return(relation) }}
    {%- elif not execute -%}
        {%- do ref(changes) -%}
    {%- elif is_incremental() -%}
        {%- set same = [] -%}
        {%- for column in columns -%}
            {%- do same.append(
                'one_cell.' ~ column ~ ' = '
                ~ (columns[column] if columns is mapping else 'cells.' ~ column)
            ) -%}
        {%- endfor -%}
        {{ return(
            '(select found.* from ' ~ cells_table() ~ ' as cells cross join lateral ('
            ~ 'select * from ' ~ relation ~ ' as one_cell where ' ~ (same | join(' and '))
            ~ ' offset 0) as found) as rows_of_cells'
        ) }}
    {%- endif -%}
    {{ return(relation) }}
{%- endmacro %}

{#-
    For a lateral join: the days a row reaches from and to, column date, both ends included; in
    an incremental build only those that are cells of its key.
-#}
{% macro days_to_build(key, row_key, first_day, last_day) -%}
    {%- if model is defined and is_incremental() -%}
    select cells.date
    from {{ cells_table() }} as cells
    where
        cells.{{ key }} = {{ row_key }}
        and cells.date >= {{ first_day }}
        and cells.date <= {{ last_day }}
    {%- else -%}
    {{ date_series(first_day, last_day) }}
    {%- endif -%}
{%- endmacro %}

{% macro get_incremental_by_cell_sql(arg_dict) -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    delete from {{ arg_dict['target_relation'] }} as target
    using {{ cells_table() }} as cells
    where {{ same_key(config.require('unique_key'), 'target', 'cells') }};
    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }}
    {{- prune_sql(arg_dict['target_relation']) }}
{%- endmacro %}
