{#-
    Common table expressions that number what was known of each key, the last one named
    `epochs`: key, epoch_no from 1, known_from (null in the first), known_until. `ends` has a
    row for each key and known_until, far_future among them.
-#}
{% macro epochs_of(ends, key) -%}
epochs as (

    select
        {{ key }},
        known_until,
        row_number() over (partition by {{ key }} order by known_until) as epoch_no,
        lag(known_until) over (partition by {{ key }} order by known_until) as known_from
    from {{ ends }}

)
{%- endmacro %}

{#-
    Common table expressions that lay out when something may have changed, the last one named
    `moments`: key, epoch_no, known_from, known_until, valid_from, arrived_at and the measures
    (name: aggregate of the moment's events). `events` has key, valid_from and arrived_at.

    Every instant stands once for each epoch of knowledge. Knowledge is compared at midnights:
    an event that arrived in time for the first midnight after it happened opens no new epoch;
    one that came later does, because a table saved in between did not know it.
-#}
{% macro moments_of_events(events, key, measures={}) -%}
epoch_ends as (

    select
        {{ key }},
        arrived_at as known_until
    from {{ events }}
    where arrived_at >= {{ next_midnight('valid_from') }}
    union distinct
    select
        {{ key }},
        {{ far_future() }} as known_until
    from {{ events }}

),

{{ epochs_of('epoch_ends', key) }},

moments as (

    select
        epochs.{{ key }},
        epochs.epoch_no,
        epochs.known_from,
        epochs.known_until,
        {{ events }}.valid_from,
        {% for name, measure in measures.items() -%}
        {{ measure }} as {{ name }},
        {% endfor -%}
        min({{ events }}.arrived_at) as arrived_at
    from epochs
    inner join {{ events }}
        on
            epochs.{{ key }} = {{ events }}.{{ key }}
            and epochs.known_until > {{ events }}.arrived_at
    group by
        epochs.{{ key }},
        epochs.epoch_no,
        epochs.known_from,
        epochs.known_until,
        {{ events }}.valid_from

)
{%- endmacro %}

{#-
    Query for what was known of `versions` (key, valid_from, arrived_at) at each of `moments`:
    columns of all versions that had begun and arrived, with rank_newest 1 for the newest, of
    each part where the column `part` tells the parts of a key apart. then_by breaks ties.
-#}
{% macro known_at_moments(versions, key, columns, part=none, then_by=[]) -%}
    {%- set moment = ['moments.' ~ key, 'moments.epoch_no', 'moments.valid_from'] -%}
    select
        {{ moment | join(',\n        ') }},
        {% for column in columns -%}
        {{ versions }}.{{ column }},
        {% endfor -%}
        row_number() over (
            partition by {{ moment | join(', ') }}{{ ', ' ~ versions ~ '.' ~ part if part }}
            order by
                {{ versions }}.valid_from desc,
                {{ versions }}.arrived_at desc
                {%- for column in then_by %},
                {{ versions }}.{{ column }}
                {%- endfor %}
        ) as rank_newest
    from moments
    inner join {{ versions }}
        on
            moments.{{ key }} = {{ versions }}.{{ key }}
            and moments.valid_from >= {{ versions }}.valid_from
            and moments.known_until > {{ versions }}.arrived_at
{%- endmacro %}
