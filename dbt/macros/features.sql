{#- Plans in order: a feature of one plan stands in all plans above it. -#}
{% macro plan_rank(plan_tier) -%}
    case {{ plan_tier }}
        when 'starter' then 1
        when 'growth' then 2
        when 'pro' then 3
        when 'enterprise' then 4
    end
{%- endmacro %}

{#- Days a look back over a feature's use takes in, the day itself included. -#}
{% macro adoption_days() -%}30{%- endmacro %}

{#- First day Segment's tracker recorded what people use. -#}
{% macro tracking_start() -%}
    '2023-11-01'::date
{%- endmacro %}
