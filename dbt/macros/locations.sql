{#- Same weekdays before a day that say what is usual on it at a venue. -#}
{% macro usual_weeks() -%}
    8
{%- endmacro %}

{#- Of them so many have to have sales; fewer say nothing. -#}
{% macro usual_weeks_needed() -%}
    4
{%- endmacro %}

{#-
    First business day of which devices' readings are shown. The platform keeps them 13
    months by the time of arrival, a day's late rows a little longer than the others: days
    that may be half gone are left out.
-#}
{% macro telemetry_from() -%}
    ({{ as_of_date() }} - 389)
{%- endmacro %}

{#- Cells whose readings were shown when the model was built and no longer are. -#}
{% macro days_without_telemetry() -%}
    select
        venues.location_id,
        forgotten.date
    from {{ ref('int_locations__attributes') }} as venues
    inner join {{ ref('int_calendar__business_days') }} as forgotten
        on venues.timezone = forgotten.timezone
    where
        forgotten.date >= {{ built_date() }} - 389
        and forgotten.date < {{ telemetry_from() }}
{%- endmacro %}

{#- The same by account. -#}
{% macro account_days_without_telemetry() -%}
    select
        venues.account_id,
        forgotten.date
    from {{ ref('int_locations__attributes') }} as venues
    inner join {{ ref('int_calendar__business_days') }} as forgotten
        on venues.timezone = forgotten.timezone
    where
        forgotten.date >= {{ built_date() }} - 389
        and forgotten.date < {{ telemetry_from() }}
{%- endmacro %}

{#- 0 at `worst`, 100 at `best`, in between linear, beyond them the same; null stays null. -#}
{% macro score_between(expression, worst, best) -%}
    case
        when {{ expression }} is not null
            then
                least(
                    100,
                    greatest(
                        0,
                        100.0 * ({{ expression }} - {{ worst }}) / ({{ best }} - {{ worst }})
                    )
                )
    end
{%- endmacro %}

{#- Mean of columns by their weights (column: weight); those that are null do not count. -#}
{% macro weighted_mean(weights) -%}
    (
        {%- for column, weight in weights.items() %}
        {% if not loop.first %}+ {% endif %}{{ weight }} * coalesce({{ column }}, 0)
        {%- endfor %}
    )
    / nullif(
        {%- for column, weight in weights.items() %}
        {% if not loop.first %}+ {% endif %}case when {{ column }} is null then 0 else {{ weight }} end
        {%- endfor %},
        0
    )
{%- endmacro %}
