-- Every business day that has ended of a venue whose account was a customer when it
-- began is there, and none that still runs.
with

expected as (

    select
        venues.location_id,
        business_days.date
    from {{ ref('entity_locations') }} as venues
    inner join {{ ref('int_calendar__business_days') }} as business_days
        on venues.timezone = business_days.timezone
    inner join {{ ref('entity_customers_history') }} as accounts
        on
            venues.account_id = accounts.account_id
            and accounts.superseded_at = {{ far_future() }}
            and accounts.customer_status in ('trial', 'active', 'past_due', 'paused')
            and business_days.starts_at >= accounts.valid_from
            and business_days.starts_at < accounts.valid_to
    where
        business_days.date >= {{ course_start() }}
        and business_days.starts_at >= venues.created_at
        and business_days.date <= coalesce(venues.closed_on, '9999-12-31'::date)
        and not venues.is_deleted

),

running as (

    select
        timezone,
        max(date) as last_date
    from {{ ref('int_calendar__business_days') }}
    group by timezone

)

select
    expected.location_id,
    expected.date
from expected
left join {{ ref('entity_locations_daily') }} as days
    on expected.location_id = days.location_id and expected.date = days.date
where days.date is null
union all
select
    days.location_id,
    days.date
from {{ ref('entity_locations_daily') }} as days
inner join running on days.timezone = running.timezone
where days.date > running.last_date
