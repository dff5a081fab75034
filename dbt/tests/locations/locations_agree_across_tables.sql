-- Columns marked same_as_history equal the current version; those marked same_as_grain
-- the row of the venue's last business day, if it was served then.
{%- set in_history = columns_marked('entity_locations', 'same_as_history') -%}
{%- set in_grain = columns_marked('entity_locations', 'same_as_grain') %}

select locations.location_id
from {{ ref('entity_locations') }} as locations
left join {{ ref('entity_locations_history') }} as history
    on locations.location_id = history.location_id and history.is_current
left join {{ ref('entity_locations_daily') }} as days
    on
        locations.location_id = days.location_id
        and locations.last_business_date = days.date
where
    history.location_id is null
    {%- for column in in_history %}
    or locations.{{ column }} is distinct from history.{{ column }}
    {%- endfor %}
    or (
        locations.last_business_date is not null
        and (
            days.location_id is null
            {%- for column in in_grain %}
            or locations.{{ column }} is distinct from days.{{ column }}
            {%- endfor %}
        )
    )
