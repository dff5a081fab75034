{#-
    The state of a UTC day is the state at its end, the next midnight; a change exactly at
    midnight still belongs to the day that ends there.
-#}

{#- First UTC day whose end shows a change made at an instant. -#}
{% macro first_day_shown(instant) -%}
    (({{ instant }} - interval '1 microsecond') at time zone 'UTC')::date
{%- endmacro %}

{#- The last UTC midnight at or before an instant. -#}
{% macro last_midnight(instant) -%}
    (date_trunc('day', {{ instant }} at time zone 'UTC') at time zone 'UTC')
{%- endmacro %}

{#-
    Whether a nightly table missed something: a midnight passed between its effect and our
    knowing. What arrives at midnight itself is not in the table saved then.
-#}
{% macro is_known_late(effective_at, known_at) -%}
    {{ last_midnight(known_at) }} >= {{ effective_at }}
{%- endmacro %}

{#- Last month-end on or before a date, from the calendar's own columns. -#}
{% macro last_month_end(date_column, month_column, flag_column) -%}
    case
        when {{ flag_column }} then {{ date_column }}
        else {{ month_column }} - 1
    end
{%- endmacro %}

{#- Whole days from one date to another. Spark writes datediff. -#}
{% macro days_between(first_date, last_date) -%}
    ({{ last_date }} - {{ first_date }})
{%- endmacro %}

{#- Calendar months from one date's month to another's. -#}
{% macro months_between(first_date, last_date) -%}
    (
        12 * (
            extract(year from {{ last_date }}) - extract(year from {{ first_date }})
        )
        + extract(month from {{ last_date }}) - extract(month from {{ first_date }})
    )::int
{%- endmacro %}

{#- Whole minutes from one instant to another, those of a weekend or night included. -#}
{% macro whole_minutes(first_instant, last_instant) -%}
    floor(extract(epoch from {{ last_instant }} - {{ first_instant }}) / 60)::int
{%- endmacro %}
