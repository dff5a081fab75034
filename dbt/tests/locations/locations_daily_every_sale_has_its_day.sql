-- A till reports only of days on which its venue was served: from the course's first
-- day on each report of a customer's venue stands in the table, once its day has ended.
select
    venues.location_id,
    sales.business_date
from {{ ref('stg_pos__location_daily_sales') }} as sales
inner join {{ ref('int_locations__attributes') }} as venues
    on sales.till_code = venues.till_code
left join {{ ref('entity_locations_daily') }} as days
    on venues.location_id = days.location_id and sales.business_date = days.date
where sales.business_date >= {{ course_start() }} and days.date is null
