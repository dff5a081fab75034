{#- The world's clock. No model reads the wall clock. -#}

{#- Exclusive instant up to which the world is known. -#}
{% macro as_of() -%}
    (select clock.as_of from ops.clock as clock)
{%- endmacro %}

{#- Last complete UTC day. -#}
{% macro as_of_date() -%}
    public.as_of_date()
{%- endmacro %}

{#-
    The same, asked once a statement instead of once a row: where it is reckoned with. In a
    condition the function is better, since the planner looks up its value.
-#}
{% macro as_of_date_once() -%}
    (select public.as_of_date())
{%- endmacro %}

{#- First day of the course: grains start here, what came before is the opening book. -#}
{% macro course_start() -%}
    '2024-01-01'::date
{%- endmacro %}

{#- End of what has no end. -#}
{% macro far_future() -%}
    '9999-12-31 00:00:00+00'::timestamptz
{%- endmacro %}

{#- The instant a UTC day ends, which is when its state is read. -#}
{% macro day_end(date_column) -%}
    ({{ date_column }} + 1)::timestamp at time zone 'UTC'
{%- endmacro %}

{#- The UTC day of an instant. -#}
{% macro utc_date(instant) -%}
    ({{ instant }} at time zone 'UTC')::date
{%- endmacro %}

{#- The first UTC midnight at or after an instant: when a nightly table first shows it. -#}
{% macro next_midnight(instant) -%}
    (
        date_trunc(
            'day',
            {{ instant }} at time zone 'UTC' + interval '1 day' - interval '1 microsecond'
        ) at time zone 'UTC'
    )
{%- endmacro %}

{#- One row a day, column date, both ends included. Another engine has another generator. -#}
{% macro date_series(first_day, last_day) -%}
    select series.day::date as date
    from generate_series({{ first_day }}, {{ last_day }}, interval '1 day') as series (day)
{%- endmacro %}

{#- What was loaded together, and how far the clock came with it: batch_seq, from_at, to_at. -#}
{% macro batches() -%}
    ops.batch
{%- endmacro %}
