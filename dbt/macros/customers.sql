{#-
    Days of entity_customers_daily whose share of sales and marketing expense is no longer
    what int_accounts__sm_daily says: an account arrived late, or finance closed a month.
    A list of literals, taken before the model runs.
-#}
{% macro restated_sm_days() -%}
    {%- if not execute or not is_incremental() -%}
        {{ return('false') }}
    {%- endif -%}
    {%- set query -%}
        select current_days.date
        from {{ ref('int_accounts__sm_daily') }} as current_days
        left join lateral (
            -- all rows of a day carry the same share: one of them tells it
            select one_row.sm_spend_allocated_usd
            from {{ this }} as one_row
            where one_row.date = current_days.date
            limit 1
        ) as built on true
        where
            current_days.sm_spend_allocated_usd
            is distinct from built.sm_spend_allocated_usd
            and current_days.date <= {{ built_date() }}
    {%- endset -%}
    {{ return('date in ' ~ look_up_list(query, "'0001-01-01'")) }}
{%- endmacro %}
