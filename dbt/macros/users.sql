{#-
    Midnight that begins the day before the first day with news, as a literal for the planner:
    no older row of the log is needed to build the days that changed.
-#}
{% macro first_news(changes) -%}
    {%- if model is defined and not execute -%}
        {%- do ref(changes) -%}
    {%- elif model is defined and is_incremental() -%}
        {%- set query -%}
            select coalesce(min(changed.date), '9999-12-31'::date) - 1
            from {{ ref(changes) }} as changed
            where changed.batch_seq > {{ built_through() }}
        {%- endset -%}
        {{ return('(' ~ look_up_date(query) ~ "::timestamp at time zone 'UTC')") }}
    {%- endif -%}
    {{ return("'-infinity'::timestamptz") }}
{%- endmacro %}

{#-
    Account-days of int_accounts__usage_daily that a batch concerns: the accounts of which it
    brought events, from the first such day on, since a window carries them for 30 days.
-#}
{% macro news_of_usage() -%}
    {%- if model is defined and not execute -%}
        {%- do ref('int_accounts__usage_changes') -%}
    {%- elif model is defined and is_incremental() -%}
        {%- set news -%}
            from {{ ref('int_accounts__usage_changes') }} as changed
            where changed.batch_seq > {{ built_through() }}
        {%- endset -%}
        {%- set accounts = look_up_list('select distinct changed.account_id ' ~ news) -%}
        {%- set first_day = look_up_date(
            "select coalesce(min(changed.date), '9999-12-31'::date) " ~ news
        ) -%}
        {{ return('(account_id in ' ~ accounts ~ ' and date >= ' ~ first_day ~ ')') }}
    {%- endif -%}
    {{ return('false') }}
{%- endmacro %}

{#- First day of which int_accounts__usage_daily is built anew. A literal. -#}
{% macro first_day_of_usage() -%}
    {%- if model is defined and execute and is_incremental() -%}
        {%- set query -%}
            select least(
                min(changed.date),
                (
                    select build.as_of_date + 1
                    from ops.model_build as build
                    where build.model = '{{ this.identifier }}'
                )
            )
            from {{ ref('int_accounts__usage_changes') }} as changed
            where changed.batch_seq > {{ built_through() }}
        {%- endset -%}
        {{ return(look_up_date(query)) }}
    {%- endif -%}
    {{ return("'1900-01-01'::date") }}
{%- endmacro %}
