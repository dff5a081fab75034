{#-
    A history as known at a midnight shows each key once at most: at the midnights of the last
    60 days and of month-ends, or of every day where there are few rows.
-#}
{% test one_version_a_midnight(model, key, every_day=false) %}

with

midnights as (

    select {{ day_end('date') }} as midnight
    from {{ ref('int_calendar__days') }}
    {%- if not every_day %}
    where
        date >= {{ course_start() }}
        and (is_month_end or date > {{ as_of_date() }} - 60)
    {%- endif %}

),

seen as (

    select
        midnights.midnight,
        history.{{ key }},
        count(*) as versions
    from midnights
    inner join {{ model }} as history
        on
            history.recorded_at < midnights.midnight
            and history.superseded_at >= midnights.midnight
            and history.valid_from <= midnights.midnight
            and history.valid_to > midnights.midnight
    group by midnights.midnight, history.{{ key }}

)

select
    midnight,
    {{ key }}
from seen
where versions > 1

{% endtest %}
