{#-
    Common table expression `by_day` and query for running sums of `events` (account_id, date,
    measures) as day spans: each measure as it stands at the end of the days from valid_from to
    the day before valid_to. What counts for 30 days is +1 on its day and -1 thirty days later,
    so the spans know the end of a window without the clock, and reach beyond it. The first one
    begins long ago: spans of an account that has any cover all days.
-#}
{% macro running_spans(events, measures) -%}
by_day as (

    select
        account_id,
        date,
        {%- for measure in measures %}
        sum({{ measure }}) as {{ measure }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ events }}
    group by account_id, date

)

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

{#-
    Query for the versions that days' ends showed, with first_day, the first such day: of
    several that begin on one day only the last is seen at its end.
-#}
{% macro versions_at_day_ends(versions, key) -%}
    {%- set first_day = first_day_shown('valid_from') -%}
    select *
    from (
        select
            {{ versions }}.*,
            {{ first_day }} as first_day,
            row_number() over (
                partition by {{ key }}, {{ first_day }} order by valid_from desc
            ) as recency
        from {{ versions }}
    ) as ranked
    where ranked.recency = 1
{%- endmacro %}

{#-
    Columns valid_from and valid_to of such rows as day spans, day D in the one with
    valid_from <= D < valid_to. They cover all days: the first begins long ago.
-#}
{% macro day_span(key) -%}
    case
        when row_number() over (partition by {{ key }} order by first_day) = 1
            then '1900-01-01'::date
        else first_day
    end as valid_from,
    coalesce(
        lead(first_day) over (partition by {{ key }} order by first_day),
        '9999-12-31'::date
    ) as valid_to
{%- endmacro %}
