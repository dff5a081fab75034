{#-
    The rules of the health score and of the churn risk, each once. Factors run from 0 (bad) to
    100 (good); weights and bands are those of the course's definitions. Shapes and points were
    set by hand, adjusted twice and compared with a logistic regression on the same factors; what
    that gave stands in docs/customer_health.md.
-#}

{#- Factor and weight; a factor that cannot be measured leaves its weight to the others. -#}
{% macro health_weights() -%}
    {{ return({
        'usage': 30, 'adoption': 20, 'device': 20,
        'support': 10, 'billing': 10, 'relationship': 10
    }) }}
{%- endmacro %}

{#- Between 0 and 100, to one digit; null stays null. -#}
{% macro factor_score(expression) -%}
    case
        when ({{ expression }}) is not null
            then round(least(100, greatest(0, {{ expression }}))::numeric, 1)
    end
{%- endmacro %}

{#-
    Usage, level: days with activity per active person in 28 days; 8 and more are all one can
    ask. Accounts younger than that are judged by the days they have had.
-#}
{% macro usage_level(person_days, people, days_since_signup) -%}
    case
        when {{ people }} > 0
            then
                least(
                    100,
                    100 * {{ person_days }}::double precision
                    * 28 / least(28, {{ days_since_signup }}) / {{ people }} / 8
                )
        else 0
    end
{%- endmacro %}

{#- Change of a sum to the one before it, from -1 (stopped) to 1 (began); null without any. -#}
{% macro relative_change(now, before) -%}
    ({{ now }} - {{ before }})::double precision / nullif({{ now }} + {{ before }}, 0)
{%- endmacro %}

{#- Days to the next renewal: whole terms since this one began, and one more. -#}
{% macro days_to_renewal(date, term_started_on, term_months) -%}
    (
        {{ term_started_on }} + make_interval(
            months => {{ term_months }} * (
                1 + (
                    12 * extract(year from age({{ date }}, {{ term_started_on }}))
                    + extract(month from age({{ date }}, {{ term_started_on }}))
                )::integer / {{ term_months }}
            )
        )
    )::date - {{ date }}
{%- endmacro %}

{#- A chance from points on the logit scale, 0 to 1. -#}
{% macro chance_of(points) -%}
    round((1 / (1 + exp(-({{ points }})::double precision)))::numeric, 4)
{%- endmacro %}

{#-
    Points of leaving within 90 days. Customers leave at renewals: a yearly plan that renews later
    than that hardly can, whatever it feels or has announced.
-#}
{% macro churn_points(score, billing_interval, days_to_renewal, is_ending, is_overdue) -%}
    -4.5
    + 0.045 * (100 - {{ score }})
    + case when {{ is_overdue }} then 2 else 0 end
    + case
        when {{ billing_interval }} = 'year' and {{ days_to_renewal }} > 90 then -3.4
        when {{ billing_interval }} = 'year' then 0.4
        when {{ billing_interval }} = 'quarter' then -0.8
        else 0
    end
    + case
        when
            {{ is_ending }}
            and not ({{ billing_interval }} = 'year' and {{ days_to_renewal }} > 90)
            then 4
        else 0
    end
{%- endmacro %}

{#-
    Points of leaving at the next renewal: the same as above for one renewal, of which a monthly
    plan has three in 90 days and a yearly one at most one.
-#}
{% macro leaving_points(score, billing_interval, is_overdue) -%}
    -4.5
    + 0.045 * (100 - {{ score }})
    + case when {{ is_overdue }} then 2 else 0 end
    + case {{ billing_interval }} when 'year' then 0.4 when 'quarter' then -0.8 else -1.1 end
{%- endmacro %}

{#- Points of paying more within 90 days: growth follows usage, but loosely. -#}
{% macro expansion_points(usage, billing_interval, is_ending) -%}
    -1.5
    + 0.006 * {{ usage }}
    - case when {{ billing_interval }} = 'year' then 0.25 else 0 end
    - case when {{ is_ending }} then 2.5 else 0 end
{%- endmacro %}

{#- The factor that costs the score most: weight times what is missing to 100. -#}
{% macro weakest_factor(factors) -%}
    case greatest(
        {%- for factor, weight in factors.items() %}
        {{ weight }} * (100 - health_{{ factor }}){% if not loop.last %},{% endif %}
        {%- endfor %}
    )
        when 0 then null
        {%- for factor, weight in factors.items() %}
        when {{ weight }} * (100 - health_{{ factor }}) then '{{ factor }}'
        {%- endfor %}
    end
{%- endmacro %}

{#- high 0.15 and more, medium 0.05 and more, low. -#}
{% macro risk_band(probability) -%}
    case
        when {{ probability }} >= 0.15 then 'high'
        when {{ probability }} >= 0.05 then 'medium'
        when {{ probability }} is not null then 'low'
    end
{%- endmacro %}

{#-
    First day that a grain of account-days builds anew for all accounts: the first new one, or the
    first that late rows concern, as views of (account_id, date, batch_seq) tell. A literal; long
    ago at a full refresh.
-#}
{% macro first_changed_day(changes) -%}
    {%- if model is defined and not execute -%}
        {%- for name in changes -%}
            {%- do ref(name) -%}
        {%- endfor -%}
    {%- elif model is defined and is_incremental() -%}
        {%- set query -%}
            select least(
                {%- for name in changes %}
                (
                    select min(changed.date)
                    from {{ ref(name) }} as changed
                    where changed.batch_seq > {{ built_through() }}
                ),
                {%- endfor %}
                (
                    select build.as_of_date + 1
                    from ops.model_build as build
                    where build.model = '{{ this.identifier }}'
                )
            )
        {%- endset -%}
        {{ return(look_up_date(query)) }}
    {%- endif -%}
    {{ return("'1900-01-01'::date") }}
{%- endmacro %}

{#- The same for int_accounts__health_daily: usage and devices. -#}
{% macro first_day_of_health() -%}
    {{ return(first_changed_day([
        'int_accounts__usage_changes', 'int_accounts__device_day_changes'
    ])) }}
{%- endmacro %}

{#- ... as a condition on the rows that make way. -#}
{% macro late_days_of_health() -%}
    {%- set first_day = first_day_of_health() -%}
    {%- if not execute or not is_incremental() -%}
        {{ return('false') }}
    {%- endif -%}
    {{ return('date >= ' ~ first_day) }}
{%- endmacro %}
