{{ config(indexes=[
    {'columns': ['device_id'], 'unique': true},
    {'columns': ['location_id']},
    {'columns': ['account_id']}
]) }}

-- One row a customer's device as it stands now.
with

assignments as (

    select * from {{ ref('int_devices__assignments') }}

),

devices as (

    select * from {{ ref('stg_iot__device') }}

),

locations as (

    select * from {{ ref('stg_app__locations') }}

),

releases as (

    select * from {{ ref('stg_iot__firmware_release') }}

),

outages as (

    select * from {{ ref('int_devices__outages') }}
    where ended_at is null

),

open_alerts as (

    select * from {{ ref('int_devices__alerts') }}
    where is_open

),

open_orders as (

    select * from {{ ref('int_devices__work_orders') }}
    where is_open

),

latest_release as (

    select firmware_version
    from releases
    order by version_numbers desc
    limit 1

),

places as (

    {{ one_of('assignments', ['device_id'], 'valid_from desc', 'true') }}

),

alert_counts as (

    select
        device_id,
        count(*)::integer as open_alerts,
        (count(*) filter (where severity = 'critical'))::integer as critical_alerts
    from open_alerts
    group by device_id

),

order_counts as (

    select
        device_id,
        count(*)::integer as open_work_orders,
        (count(*) filter (where work_order_type = 'repair'))::integer as open_repairs
    from open_orders
    group by device_id

)

select
    -- ids
    places.device_id,
    places.account_id,
    places.location_id,
    devices.serial_number,

    -- text
    places.device_type,
    places.device_model,
    devices.hardware_revision,
    places.production_batch,
    devices.firmware_version,
    devices.device_status,
    places.installer,
    locations.location_name,
    locations.city,
    places.country,
    places.timezone,
    case
        when places.valid_to < {{ far_future() }} then 'out_of_service'
        when outages.device_id is not null then 'offline'
        else 'online'
    end as connectivity_status,

    -- numbers
    devices.line_count,
    coalesce(alert_counts.open_alerts, 0) as open_alerts,
    coalesce(alert_counts.critical_alerts, 0) as critical_alerts,
    coalesce(order_counts.open_work_orders, 0) as open_work_orders,
    coalesce(order_counts.open_repairs, 0) as open_repairs,

    -- booleans
    places.valid_to = {{ far_future() }} as is_in_service,
    devices.firmware_version = latest_release.firmware_version as is_latest_firmware,

    -- timestamps
    devices.provisioned_at,
    places.first_installed_at as installed_at,
    nullif(places.valid_to, {{ far_future() }}) as decommissioned_at,
    outages.started_at as silent_since,
    devices.last_seen_at as last_known_sign_at
from places
inner join devices on places.device_id = devices.device_id
inner join locations on places.location_id = locations.location_id
left join latest_release on true
left join outages on places.device_id = outages.device_id
left join alert_counts on places.device_id = alert_counts.device_id
left join order_counts on places.device_id = order_counts.device_id
