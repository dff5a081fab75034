{#-
    Campaign tags come as browsers and colleagues wrote them (google, Google, google.com, fb):
    one word for one thing. What no visitor can have meant (an unfilled template, (not set))
    is null.
-#}
{% macro clean_source(source) -%}
    case regexp_replace(lower(trim({{ source }})), '[.]com$', '')
        when 'fb' then 'facebook'
        when 'lnkd' then 'linkedin'
        when 'email' then 'newsletter'
        when 'mailing' then 'newsletter'
        when '' then null
        when '(not set)' then null
        else regexp_replace(lower(trim({{ source }})), '[.]com$', '')
    end
{%- endmacro %}

{% macro clean_medium(medium) -%}
    case translate(lower(trim({{ medium }})), '- ', '__')
        when 'ppc' then 'cpc'
        when 'paid' then 'cpc'
        when 'social' then 'paid_social'
        when 'e_mail' then 'email'
        when '' then null
        when '(not_set)' then null
        else translate(lower(trim({{ medium }})), '- ', '__')
    end
{%- endmacro %}

{% macro clean_campaign(campaign) -%}
    case
        when {{ campaign }} ~ '(%7B|[{])' then null
        when lower(trim({{ campaign }})) in ('', '(not set)') then null
        else lower(trim({{ campaign }}))
    end
{%- endmacro %}

{#- Whether a browser's name for itself is that of a crawler or a monitoring service. -#}
{% macro is_robot(user_agent) -%}
    coalesce({{ user_agent }} ~* '(bot|crawler|spider|slurp|monitor)', false)
{%- endmacro %}

{#- Whether an address is one of Tapwise's own office. -#}
{% macro is_office(ip_address) -%}
    coalesce({{ ip_address }} like '203.0.113.%', false)
{%- endmacro %}
