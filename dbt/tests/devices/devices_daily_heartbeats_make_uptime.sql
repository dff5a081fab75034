-- Uptime and downtime are heartbeats told otherwise, and open hours are part of all
-- hours.
select
    date,
    device_id
from {{ ref('entity_devices_daily') }}
where
    downtime_minutes <> expected_heartbeats - received_heartbeats
    or downtime_open_hours_minutes
    <> open_expected_heartbeats - open_received_heartbeats
    or open_expected_heartbeats > expected_heartbeats
    or open_received_heartbeats > received_heartbeats
    or abs(uptime_pct - 1.0 * received_heartbeats / nullif(expected_heartbeats, 0))
    > 0.000001
    or (uptime_open_hours_pct is null) <> (open_expected_heartbeats = 0)
    or operating_hours > expected_heartbeats / 60.0
    or failures + site_outages > outages
    or (failures > 0 and not is_failed)
