-- A device in service is offline exactly while a silence of it lasts, and a device out
-- of service is in nobody's alerts.
select devices.device_id
from {{ ref('entity_devices') }} as devices
left join {{ ref('int_devices__outages') }} as outages
    on devices.device_id = outages.device_id and outages.ended_at is null
where
    (devices.connectivity_status = 'offline')
    <> (devices.is_in_service and outages.device_id is not null)
    or (devices.connectivity_status = 'out_of_service') = devices.is_in_service
    or (not devices.is_in_service and devices.open_alerts > 0)
    or (devices.decommissioned_at is null) <> devices.is_in_service
    or devices.critical_alerts > devices.open_alerts
