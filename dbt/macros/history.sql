{#- Names of the columns whose value differs from the version before, joined by commas. -#}
{% macro changed_columns(columns, current, previous_prefix) -%}
    concat_ws(
        ',',
        {%- for column in columns %}
        case
            when
                {{ current }}.{{ column }}
                is distinct from {{ previous_prefix }}{{ column }}
                then '{{ column }}'
        end{% if not loop.last %},{% endif %}
        {%- endfor %}
    )
{%- endmacro %}

{#- Names of a model's columns whose meta has a flag such as same_as_grain set. -#}
{% macro columns_marked(model_name, flag) -%}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() if node.name == model_name -%}
            {%- for column in node.columns.values() -%}
                {%- set meta = column.config.meta if column.config else column.meta -%}
                {%- if meta.get(flag) -%}
                    {%- do found.append(column.name) -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro %}

{#-
    Common table expressions that make bitemporal versions of states, the last one named
    `versions`: key, valid_from, valid_to, recorded_at, superseded_at, tracked columns,
    state_hash. `states` has a row for each key, epoch of knowledge (epoch_no from 1,
    known_from, known_until) and instant (valid_from, arrived_at), changed or not.
-#}
{% macro versions_of_states(states, key, tracked) -%}
hashed as (

    select
        {{ states }}.*,
        {{ hash_of(tracked) }} as state_hash
    from {{ states }}

),

compared as (

    select
        hashed.*,
        lag(state_hash) over (
            partition by {{ key }}, epoch_no order by valid_from
        ) as previous_hash
    from hashed

),

-- one row a stretch of equal values within an epoch
stretches as (

    select
        compared.*,
        coalesce(
            lead(valid_from) over (
                partition by {{ key }}, epoch_no order by valid_from
            ),
            {{ far_future() }}
        ) as valid_to
    from compared
    where previous_hash is null or previous_hash <> state_hash

),

-- the same version seen from the epoch before: nothing a midnight could tell has changed
matched as (

    select
        stretches.*,
        previous.{{ key }} is not null as is_continued
    from stretches
    left join stretches as previous
        on
            stretches.{{ key }} = previous.{{ key }}
            and stretches.epoch_no = previous.epoch_no + 1
            and stretches.valid_from = previous.valid_from
            and stretches.state_hash = previous.state_hash
            and (
                stretches.valid_to = previous.valid_to
                or {{ next_midnight('least(stretches.valid_to, previous.valid_to)') }}
                > previous.known_until
            )

),

runs as (

    select
        matched.*,
        sum(case when is_continued then 0 else 1 end) over (
            partition by {{ key }}, valid_from order by epoch_no
        ) as run_no,
        greatest(arrived_at, known_from) as known_since
    from matched

),

collapsed as (

    select
        {{ key }},
        valid_from,
        run_no,
        max(epoch_no) as last_epoch_no,
        min(known_since) as recorded_at,
        max(known_until) as superseded_at
    from runs
    group by {{ key }}, valid_from, run_no

),

-- what was superseded before any midnight saw it is nobody's knowledge
versions as (

    select
        collapsed.{{ key }},
        collapsed.valid_from,
        runs.valid_to,
        collapsed.recorded_at,
        collapsed.superseded_at,
        {% for column in tracked -%}
        runs.{{ column }},
        {% endfor -%}
        runs.state_hash
    from collapsed
    inner join runs
        on
            collapsed.{{ key }} = runs.{{ key }}
            and collapsed.valid_from = runs.valid_from
            and collapsed.last_epoch_no = runs.epoch_no
    {%- set seen_at -%}
    greatest(collapsed.recorded_at + interval '1 microsecond', collapsed.valid_from)
    {%- endset %}
    where
        collapsed.superseded_at = {{ far_future() }}
        or (
            {{ next_midnight(seen_at) }} <= collapsed.superseded_at
            and {{ next_midnight(seen_at) }} < runs.valid_to
        )

)
{%- endmacro %}
