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
