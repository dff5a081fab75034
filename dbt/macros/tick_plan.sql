{#-
    What a tick needs to build each model without starting dbt, which takes longer than the
    building: written down by a post-hook whenever dbt builds the model, read by
    src/taproom/warehouse/plan.py. The statements stay dbt's; only who sends them differs.
    A plan counts while the project's files are those it was made from.
-#}

{% macro create_tick_plan() -%}
    create table if not exists ops.tick_plan (
        model text primary key,
        relation text not null,
        materialized text not null,
        project text not null,
        parents text[] not null,
        statement text not null,
        condition text,
        unique_key text,
        changed_keys text,
        grain_date text,
        also_delete text
    );
    alter table ops.tick_plan
    add column if not exists newest text,
    add column if not exists cells text,
    add column if not exists prune text,
    add column if not exists rhythm text
{%- endmacro %}

{#- Models and sources a model reads, those behind ephemeral models included. -#}
{% macro parents_of(node) -%}
    {%- set found = [] -%}
    {%- for parent_id in node.depends_on.nodes -%}
        {%- set parent = graph.sources.get(parent_id) or graph.nodes.get(parent_id) -%}
        {%- if parent.resource_type == 'model' and parent.config.materialized == 'ephemeral' -%}
            {%- do found.extend(parents_of(parent)) -%}
        {%- elif parent.resource_type == 'source' -%}
            {%- do found.append('source.' ~ parent.source_name ~ '.' ~ parent.name) -%}
        {%- else -%}
            {%- do found.append('model.' ~ parent.name) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found | unique | list) }}
{%- endmacro %}

{#- A text as a value. Without the database's name: a plan is copied with its database. -#}
{% macro plan_text(text) -%}
    {%- if text is none -%}{{ return('null') }}{%- endif -%}
    {{ return('$plan$' ~ (text | replace('"' ~ target.dbname ~ '".', '')) ~ '$plan$') }}
{%- endmacro %}

{#- The tag that says how often a model is to be fresh (selectors.yml); none has no own. -#}
{% macro rhythm_of(node) -%}
    {%- for rhythm in ['atomic', 'hourly', 'daily', 'weekly', 'monthly'] -%}
        {%- if rhythm in node.config.tags -%}{{ return(rhythm) }}{%- endif -%}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}

{#- Post-hook of every model. -#}
{% macro write_tick_plan() -%}
    {%- if execute -%}
    {%- set is_incremental_model = model.config.materialized == 'incremental' -%}
    {%- set is_by_key = config.get('changes_from') is not none -%}
    {%- set statement = sql -%}
    {%- set condition = none -%}
    {%- set keys = none -%}
    {%- set cells = none -%}
    {%- set key = config.get('unique_key') -%}
    {%- if is_incremental_model -%}
        {%- do model.update({'is_written_down': true}) -%}
        {%- set statement = render(model.raw_code) | trim -%}
        {%- if is_by_key -%}
            {%- set condition = by_key_condition() | trim -%}
            {%- set keys = changed_keys() -%}
        {%- elif config.get('incremental_strategy') == 'by_cell' -%}
            {%- set cells = cells_query() | trim -%}
        {%- endif -%}
        {%- do model.update({'is_written_down': false}) -%}
        {%- if '__dbt__cte__' in statement -%}
            {{ exceptions.raise_compiler_error(
                'An incremental model cannot read an ephemeral one: make that a view.'
            ) }}
        {%- endif -%}
    {%- endif -%}
    insert into ops.tick_plan (
        model, relation, materialized, project, parents, statement, condition, unique_key,
        changed_keys, grain_date, also_delete, newest, cells,
        prune, rhythm
    )
    values (
        '{{ this.identifier }}',
        '{{ this.include(database=false) }}',
        '{{ model.config.materialized }}',
        '{{ env_var("TAPROOM_DBT_PROJECT", "unknown") }}',
        array['{{ parents_of(model) | join("', '") }}']::text[],
        {{ plan_text(statement) }},
        {{ plan_text(condition) }},
        {{ plan_text(
            none if is_by_key or not key else key if key is string else key | join(', ')
        ) }},
        {{ plan_text(keys) }},
        {{ plan_text(config.get('grain_date')) }},
        {{ plan_text(config.get('also_delete')) }},
        {{ plan_text(config.get('newest')) }},
        {{ plan_text(cells) }},
        {{ plan_text(too_old()) }},
        {{ plan_text(rhythm_of(model)) }}
    )
    on conflict (model) do update set
        relation = excluded.relation,
        materialized = excluded.materialized,
        project = excluded.project,
        parents = excluded.parents,
        statement = excluded.statement,
        condition = excluded.condition,
        unique_key = excluded.unique_key,
        changed_keys = excluded.changed_keys,
        grain_date = excluded.grain_date,
        also_delete = excluded.also_delete,
        newest = excluded.newest,
        cells = excluded.cells,
        prune = excluded.prune,
        rhythm = excluded.rhythm
    {%- endif -%}
{%- endmacro %}
