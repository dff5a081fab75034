{#-
    A history by what is known now: versions of a key follow each other exactly, and the last
    one, which is open, is the current one.
-#}
{% test without_gap_or_overlap(model, key) %}

with

versions as (

    select
        {{ key }},
        valid_from,
        valid_to,
        is_current,
        lead(valid_from) over (partition by {{ key }} order by valid_from) as next_from
    from {{ model }}
    where superseded_at = {{ far_future() }}

)

select
    {{ key }},
    valid_from
from versions
where
    valid_to <> coalesce(next_from, {{ far_future() }})
    or valid_from >= valid_to
    or is_current <> (next_from is null)

{% endtest %}
