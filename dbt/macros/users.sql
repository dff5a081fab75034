{#-
    Ranges of a log of calls by batch and by day: a tick reads the newest end of millions of
    rows. Without effect where they exist.
-#}
{% macro index_calls(table) -%}
    {{ index_batches('segment', table) }};
    create index if not exists {{ table }}_date_brin
    on {{ source('segment', table) }} using brin (({{ utc_date('timestamp') }}))
{%- endmacro %}

{#-
    The day before the first one with news, as a literal for the planner: no older row of the
    log is needed to build the days that changed.
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
        {{ return(look_up_date(query)) }}
    {%- endif -%}
    {{ return("'1900-01-01'::date") }}
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

{#- Rows of int_users__daily a batch may have changed: all days from the first one on. -#}
{% macro news_of_user_days() -%}
    {%- if model is defined and execute and is_incremental() -%}
        {{ return('date > ' ~ first_news('int_users__session_days')) }}
    {%- elif model is defined and not execute -%}
        {%- do ref('int_users__session_days') -%}
    {%- endif -%}
    {{ return('false') }}
{%- endmacro %}

{#- The Monday of a date. -#}
{% macro monday(date) -%}
    date_trunc('week', {{ date }})::date
{%- endmacro %}

{#-
    Rows of entity_users_weekly a tick builds anew: weeks that are complete now and were not,
    and of the people a batch tells something about all weeks from the first with news on.
-#}
{% macro news_of_user_weeks() -%}
    {%- if model is defined and not execute -%}
        {%- do ref('int_users__activity_changes') -%}
        {%- do ref('int_users__session_days') -%}
    {%- elif model is defined and is_incremental() -%}
        {{ return(
            '(week_start >= ' ~ first_new_week() ~ ' or user_id in ' ~ users_with_news()
            ~ ' and week_start >= ' ~ monday(first_news('int_users__session_days')) ~ ')'
        ) }}
    {%- endif -%}
    {{ return('false') }}
{%- endmacro %}

{#- The people of whom a batch brought a call. -#}
{% macro users_with_news() -%}
    {%- if model is defined and execute and is_incremental() -%}
        {{ return(look_up_list(
            'select distinct changed.user_id from ' ~ ref('int_users__activity_changes')
            ~ ' as changed where changed.batch_seq > ' ~ built_through()
        )) }}
    {%- endif -%}
    {{ return('(null)') }}
{%- endmacro %}

{#- The first Monday whose week was not complete when the model was built. A literal. -#}
{% macro first_new_week() -%}
    {{ return(monday('(' ~ built_date() ~ ' + 1)')) }}
{%- endmacro %}

{#-
    Where a person stands in the life with the product at the end of a day. `active` and
    `active_before` say whether the person had an active day in the 7 days up to it and in
    the 7 before those.
-#}
{% macro user_lifecycle(day, active, active_before, first_active_on, last_active_on, left_on) -%}
    case
        when {{ first_active_on }} is null or {{ first_active_on }} > {{ day }}
            then 'not_started'
        when {{ active }} and {{ day }} - {{ first_active_on }} < 7 then 'new'
        when {{ active }} and {{ active_before }} then 'retained'
        when {{ active }} then 'resurrected'
        when {{ left_on }} <= {{ day }} then 'churned'
        when {{ day }} - {{ last_active_on }} < 35 then 'dormant'
        else 'churned'
    end
{%- endmacro %}

{#- What a user may be in an account, from most to least. -#}
{% macro user_roles() -%}
    {{ return(['owner', 'manager', 'staff', 'analyst']) }}
{%- endmacro %}
