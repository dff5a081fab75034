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

{#- First day of which late rows of usage or devices tell something new. -#}
{% macro first_day_of_customers() -%}
    {{ return(first_changed_day([
        'int_accounts__usage_changes', 'int_accounts__device_day_changes'
    ])) }}
{%- endmacro %}

{#-
    Built days of which int_accounts__venues_daily says something else than their rows do: what
    concerns a venue concerns all its days, and hardly ever changes what was poured or sold.
-#}
{% macro restated_venue_days() -%}
    {%- if not execute or not is_incremental() -%}
        {{ return('false') }}
    {%- endif -%}
    {%- set query -%}
        select distinct built.date
        from {{ this }} as built
        left join {{ ref('int_accounts__venues_daily') }} as venues
            on built.account_id = venues.account_id and built.date = venues.date
        where
            built.date <= {{ built_date() }}
            and (
                built.pour_volume_l
                is distinct from venues.pour_volume_l::numeric(18, 6)
                or built.pos_revenue_usd
                is distinct from venues.pos_revenue_usd::numeric(18, 6)
            )
    {%- endset -%}
    {{ return('date in ' ~ look_up_list(query, "'0001-01-01'")) }}
{%- endmacro %}

{#-
    Days of entity_customers_daily that are built anew for all accounts, beside the new ones:
    those whose share of expense or whose venues changed, those from the first late row of usage or
    devices on, and those that became too old to show uptime (telemetry is kept for 13 months).
-#}
{% macro restated_customer_days() -%}
    {%- set first_day = first_day_of_customers() -%}
    {%- if not execute or not is_incremental() -%}
        {{ return('false') }}
    {%- endif -%}
    {{ return(
        '(' ~ restated_sm_days() ~ ' or ' ~ restated_venue_days() ~ ' or date >= ' ~ first_day
        ~ ' or (date > ' ~ built_date() ~ ' - 365 and date <= ' ~ as_of_date() ~ ' - 365))'
    ) }}
{%- endmacro %}

{#- Accounts whose channel is no longer what their rows say: a late visit, a first payment. -#}
{% macro reattributed_accounts() -%}
    {%- if not execute or not is_incremental() -%}
        {{ return('false') }}
    {%- endif -%}
    {%- set query -%}
        select acquisition.account_id
        from {{ ref('int_accounts__acquisition') }} as acquisition
        inner join lateral (
            -- all rows of an account carry the same channel: one of them tells it
            select one_row.acquisition_channel
            from {{ this }} as one_row
            where one_row.account_id = acquisition.account_id
            limit 1
        ) as built on true
        where built.acquisition_channel is distinct from acquisition.acquisition_channel
    {%- endset -%}
    {{ return('account_id in ' ~ look_up_list(query)) }}
{%- endmacro %}

{#- Both, as the condition on rows that make way. -#}
{% macro restated_customer_rows() -%}
    {%- if not execute or not is_incremental() -%}
        {%- do first_day_of_customers() -%}
        {{ return('false') }}
    {%- endif -%}
    {{ return(restated_customer_days() ~ ' or ' ~ reattributed_accounts()) }}
{%- endmacro %}
