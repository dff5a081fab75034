{{ config(
    materialized='incremental',
    incremental_strategy='by_cell',
    unique_key=['location_id', 'date'],
    cells_from='int_locations__day_changes',
    indexes=[
        {'columns': ['location_id', 'date'], 'unique': true}
    ]
) }}

-- Business days of venues with an alert or a work order opened on them or open at their
-- end.
with

venues as (

    select * from {{ ref('int_locations__attributes') }}

),

business_days as (

    select * from {{ ref('int_calendar__business_days') }}
    where date >= {{ course_start() }}

),

alerts as (

    select * from {{ ref('int_devices__alerts') }}

),

work_orders as (

    select * from {{ ref('int_devices__work_orders') }}

),

cases as (

    select
        location_id,
        opened_date,
        closed_date,
        1 as alerts,
        case when severity = 'critical' then 1 else 0 end as critical_alerts,
        0 as work_orders
    from alerts
    union all
    select
        location_id,
        opened_date,
        closed_date,
        0 as alerts,
        0 as critical_alerts,
        1 as work_orders
    from work_orders

),

case_days as (

    select
        cases.location_id,
        business_days.date,
        business_days.date = cases.opened_date as is_opened,
        cases.closed_date is null or cases.closed_date > business_days.date as is_open,
        cases.alerts,
        cases.critical_alerts,
        cases.work_orders
    from cases
    inner join venues on cases.location_id = venues.location_id
    inner join business_days
        on
            venues.timezone = business_days.timezone
            and business_days.date >= cases.opened_date
            and business_days.date <= coalesce(cases.closed_date, '9999-12-31'::date)
    where
        {{ only_changed_cells(
            'int_locations__day_changes', ['cases.location_id', 'business_days.date']
        ) }}

)

select
    location_id,
    date,
    coalesce(sum(alerts) filter (where is_opened), 0)::int as alerts_opened,
    coalesce(sum(alerts) filter (where is_open), 0)::int as alerts_open,
    coalesce(sum(critical_alerts) filter (where is_open), 0)::int
        as critical_alerts_open,
    coalesce(sum(work_orders) filter (where is_opened), 0)::int as work_orders_opened,
    coalesce(sum(work_orders) filter (where is_open), 0)::int as work_orders_open
from case_days
group by location_id, date
