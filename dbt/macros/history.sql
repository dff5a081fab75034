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
    Common table expressions that make a history of bitemporal versions, the last one named
    `history`: the columns of `versions` (key, valid_from, valid_to, recorded_at,
    superseded_at, tracked and further ones), the version's own key, prev_version_key,
    is_current, version_no, change_type, changed_columns, and changed_list, their names joined
    by commas. `gone` is a boolean column of `versions`: since it is true the thing counts as
    deleted, and as restored once it no longer is.
-#}
{% macro history_of_versions(versions, version_key, key, tracked, gone=none) -%}
keyed as (

    select
        {{ hash_of([key, 'valid_from', 'recorded_at']) }} as {{ version_key }},
        {{ versions }}.*
    from {{ versions }}

),

-- the version before, as it was known when this one was
earlier as (

    select
        keyed.{{ version_key }},
        previous.{{ version_key }} as prev_version_key,
        {% for column in (tracked + [gone] if gone else tracked) | unique -%}
        previous.{{ column }} as previous_{{ column }},
        {% endfor -%}
        row_number() over (
            partition by keyed.{{ version_key }}
            order by previous.valid_from desc, previous.superseded_at desc
        ) as recency
    from keyed
    inner join keyed as previous
        on
            keyed.{{ key }} = previous.{{ key }}
            and keyed.valid_from > previous.valid_from
            and keyed.superseded_at <= previous.superseded_at

),

compared as (

    select
        keyed.*,
        earlier.prev_version_key,
        {% if gone -%}
        earlier.previous_{{ gone }},
        {% endif -%}
        case
            when earlier.prev_version_key is null then ''
            else {{ changed_columns(tracked, 'keyed', 'earlier.previous_') }}
        end as changed_list
    from keyed
    left join earlier
        on keyed.{{ version_key }} = earlier.{{ version_key }} and earlier.recency = 1

),

history as (

    select
        compared.*,
        valid_to = {{ far_future() }} and superseded_at = {{ far_future() }} as is_current,
        row_number() over (
            partition by {{ key }} order by valid_from, recorded_at
        )::integer as version_no,
        case
            when prev_version_key is null then 'insert'
            {%- if gone %}
            when {{ gone }} and not previous_{{ gone }} then 'delete'
            when previous_{{ gone }} and not {{ gone }} then 'restore'
            {%- endif %}
            else 'update'
        end as change_type,
        {{ split_list('changed_list') }} as changed_columns
    from compared

)
{%- endmacro %}
