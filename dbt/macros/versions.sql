{#-
    Common table expressions that put equal states in a row together, the last one named
    `stretches`: the first row of each, with state_hash, valid_to and next_arrived_at, when
    the next one came. `partition` names whose states follow one another by valid_from.
-#}
{% macro stretches_of_states(states, partition, tracked) -%}
{%- set in_turn -%}
(partition by {{ partition | join(', ') }} order by valid_from)
{%- endset -%}
hashed as (

    select
        {{ states }}.*,
        {{ hash_of(tracked) }} as state_hash
    from {{ states }}

),

compared as (

    select
        hashed.*,
        lag(state_hash) over {{ in_turn }} as previous_hash
    from hashed

),

stretches as (

    select
        compared.*,
        coalesce(lead(valid_from) over {{ in_turn }}, {{ far_future() }}) as valid_to,
        lead(arrived_at) over {{ in_turn }} as next_arrived_at
    from compared
    where previous_hash is null or previous_hash <> state_hash

)
{%- endmacro %}

{#-
    Whether a table saved at a midnight showed a version: what was superseded before any
    midnight saw it is nobody's knowledge.
-#}
{% macro is_seen_at_midnight(valid_from, valid_to, recorded_at, superseded_at) -%}
    {%- set known_so -%}
    greatest({{ recorded_at }} + interval '1 microsecond', {{ valid_from }})
    {%- endset -%}
    (
        {{ superseded_at }} = {{ far_future() }}
        or {{ next_midnight(known_so) }}
        <= least({{ superseded_at }}, {{ valid_to }} - interval '1 microsecond')
    )
{%- endmacro %}

{#-
    Common table expressions that make bitemporal versions of states, the last one named
    `versions`: key, valid_from, valid_to, recorded_at, superseded_at, tracked columns,
    state_hash. `states` has a row for each key, epoch of knowledge (epoch_no from 1,
    known_from, known_until) and instant (valid_from, arrived_at), changed or not.
-#}
{% macro versions_of_states(states, key, tracked) -%}
{{ stretches_of_states(states, [key, 'epoch_no'], tracked) }},

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
    where
        {{ is_seen_at_midnight(
            'collapsed.valid_from', 'runs.valid_to',
            'collapsed.recorded_at', 'collapsed.superseded_at'
        ) }}

)
{%- endmacro %}

{#-
    Common table expressions that make bitemporal versions where a source delivers changes in
    order and corrects none, the last one named `versions`. A version can only be closed too
    late, and until then it was believed to last: it stands twice, open as it was believed and
    closed as it was. `instants` has a row for each key and instant (valid_from, arrived_at),
    changed or not; the columns `carried` go along untracked.
-#}
{% macro versions_of_instants(instants, key, tracked, carried=[]) -%}
{{ stretches_of_states(instants, [key], tracked) }},

known as (

    select
        stretches.*,
        next_arrived_at > arrived_at
        and {{ is_known_late('valid_to', 'next_arrived_at') }} as is_closed_late
    from stretches

),

versions as (

    select
        {{ ([key] + carried + tracked) | join(',\n        ') }},
        valid_from,
        valid_to,
        case when is_closed_late then next_arrived_at else arrived_at end as recorded_at,
        {{ far_future() }} as superseded_at,
        state_hash
    from known
    union all
    select
        {{ ([key] + carried + tracked) | join(',\n        ') }},
        valid_from,
        {{ far_future() }} as valid_to,
        arrived_at as recorded_at,
        next_arrived_at as superseded_at,
        state_hash
    from known
    where is_closed_late

)
{%- endmacro %}
