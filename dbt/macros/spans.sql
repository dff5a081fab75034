{#-
    Running sums of events as day spans, from a CTE `by_day` of (account_id, date, measures):
    each measure as it stands at the end of the days from valid_from to the day before valid_to.
    What counts for 30 days is +1 on its day and -1 thirty days later, so the spans know the end
    of a window without the clock, and reach beyond it. The first one begins long ago: spans of
    an account that has any cover all days.
-#}
{% macro running_spans(measures) -%}
    select
        account_id,
        date as valid_from,
        coalesce(
            lead(date) over (partition by account_id order by date), '9999-12-31'::date
        ) as valid_to,
        {%- for measure in measures %}
        (sum({{ measure }}) over (partition by account_id order by date))::integer
            as {{ measure }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from by_day
    union all
    select
        account_id,
        '1900-01-01'::date as valid_from,
        min(date) as valid_to,
        {%- for measure in measures %}
        0 as {{ measure }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from by_day
    group by account_id
{%- endmacro %}
