{#- Digits after the point in a currency's minor unit; of Tapwise's currencies only the yen has none. -#}
{% macro currency_exponent(currency) -%}
    case upper({{ currency }}) when 'JPY' then 0 else 2 end
{%- endmacro %}

{#- Stripe's integers (cents, yen) as an exact amount in major units. -#}
{% macro minor_to_major(amount, currency) -%}
    round(
        ({{ amount }})::numeric
        / case upper({{ currency }}) when 'JPY' then 1 else 100 end,
        6
    )
{%- endmacro %}

{#- A local amount in US dollars. -#}
{% macro usd(amount, rate) -%}
    round({{ amount }} * {{ rate }}, 6)
{%- endmacro %}
