{#-
    The channel of a visit by its cleaned tags. Where the campaign is lost, a Google ad may be
    of brand or of generic searches: search_other.
-#}
{% macro touch_channel(source, medium, campaign, has_gclid) -%}
    case
        when {{ medium }} = 'organic' then 'organic'
        when {{ source }} = 'google' or {{ has_gclid }}
            then
                case
                    when {{ campaign }} like 'brand-search%' then 'brand_search'
                    when {{ campaign }} is not null then 'generic_search'
                    else 'search_other'
                end
        when {{ source }} = 'facebook' then 'social'
        when {{ source }} = 'linkedin' then 'linkedin'
        when {{ source }} = 'newsletter' then 'email'
        when {{ source }} = 'capterra' then 'review_site'
        when {{ source }} = 'partner' then 'partner'
        else 'direct'
    end
{%- endmacro %}

{#- The coarser grouping of channels that reports use. -#}
{% macro channel_group(channel) -%}
    case
        when {{ channel }} in ('brand_search', 'generic_search', 'search_other')
            then 'paid_search'
        when {{ channel }} in ('social', 'linkedin') then 'paid_social'
        when {{ channel }} = 'organic' then 'organic_search'
        when {{ channel }} in ('review_site', 'partner') then 'referral'
        else {{ channel }}
    end
{%- endmacro %}

{#- The pseudo-campaign that takes what no campaign of a channel can be found for. -#}
{% macro rest_campaign(channel) -%}
    case {{ channel }}
        when 'brand_search' then 'google_ads-unknown'
        when 'generic_search' then 'google_ads-unknown'
        when 'search_other' then 'google_ads-unknown'
        when 'social' then 'facebook_ads-unknown'
        when 'linkedin' then 'linkedin_ads-unknown'
        else 'none-' || {{ channel }}
    end
{%- endmacro %}

{#- ISO code of the countries Tapwise sells in, by their English names. -#}
{% macro country_code(country_name) -%}
    case {{ country_name }}
        when 'United States' then 'US'
        when 'United Kingdom' then 'GB'
        when 'Germany' then 'DE'
        when 'Canada' then 'CA'
        when 'Australia' then 'AU'
        when 'France' then 'FR'
        when 'Netherlands' then 'NL'
        when 'Ireland' then 'IE'
        when 'Japan' then 'JP'
    end
{%- endmacro %}

{#- The area of a country, as Google's campaigns are split since 2025-03-26. -#}
{% macro ads_area(country_code) -%}
    case
        when {{ country_code }} in ('US', 'CA') then 'us'
        when {{ country_code }} in ('AU', 'JP') then 'apac'
        else 'emea'
    end
{%- endmacro %}

{#- The models of attribution, in the order of every list of them. -#}
{% macro attribution_models() -%}
    {{ return([
        'first_touch', 'last_touch', 'linear', 'u_shaped', 'w_shaped', 'time_decay',
        'markov', 'shapley'
    ]) }}
{%- endmacro %}

{#- A weight's share of its path's weights, to nine decimals; the window path must be named. -#}
{% macro share_of_path(weight) -%}
    round({{ weight }} / sum({{ weight }}) over path, 9)
{%- endmacro %}
