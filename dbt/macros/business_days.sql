{#-
    A venue's business day runs from 06:00 to 06:00 on its own wall clock and has the date on
    which it begins: a bar's Friday ends on Saturday morning.
-#}

{#- The business day an instant belongs to. -#}
{% macro business_date(instant, timezone) -%}
    (({{ instant }}) at time zone {{ timezone }} - interval '6 hours')::date
{%- endmacro %}

{#- The instant a business day begins. -#}
{% macro business_day_start(date_column, timezone) -%}
    (({{ date_column }} + time '06:00') at time zone {{ timezone }})
{%- endmacro %}

{#- First business day that begins at or after an instant. -#}
{% macro first_business_date(instant, timezone) -%}
    ({{ business_date(instant ~ " - interval '1 microsecond'", timezone) }} + 1)
{%- endmacro %}

{#- Last business day that begins before an instant. -#}
{% macro last_business_date(instant, timezone) -%}
    {{ business_date(instant ~ " - interval '1 microsecond'", timezone) }}
{%- endmacro %}
