{#- Degrees Fahrenheit as degrees Celsius, two decimals; null stays null. -#}
{% macro fahrenheit_to_celsius(degrees) -%}
    round((({{ degrees }}) - 32)::numeric * 5 / 9, 2)::double precision
{%- endmacro %}

{#-
    The temperature of the beer was `temp` in Fahrenheit until 2025-02-04 and has been
    liquid_temp_c since. Some devices on firmware 3.2 and later go on sending Fahrenheit in
    the new column: beer is never as warm as 25 degrees Celsius, and 25 degrees Fahrenheit
    would be ice.
-#}
{% macro has_wrong_unit(liquid_temp_c, firmware_version) -%}
    {{ liquid_temp_c }} > 25
        and string_to_array({{ firmware_version }}, '.')::int[] >= array[3, 2, 0]
{%- endmacro %}

{#- Degrees Celsius of the beer from the three columns that tell of it (see above). -#}
{% macro beer_celsius(temp, liquid_temp_c, is_temp_unit_wrong) -%}
    case
        when {{ liquid_temp_c }} is null then {{ fahrenheit_to_celsius(temp) }}
        when {{ is_temp_unit_wrong }} then {{ fahrenheit_to_celsius(liquid_temp_c) }}
        else {{ liquid_temp_c }}
    end
{%- endmacro %}

{#- Millionths of a currency unit as an exact amount in units. -#}
{% macro micros_to_units(amount) -%}
    round(({{ amount }})::numeric / 1000000, 6)
{%- endmacro %}
