"""The platform that the devices report to: fleet, firmware, telemetry, pours, events, repairs.

Custom is drawn for a venue's business day and dealt out to devices, hours and pours, so that
the tables agree with one another and with the tills (rhythm.py, blocks.py).
"""

from taproom.world.clock import DAY
from taproom.world.render.iot import ledger
from taproom.world.render.iot.daily import device_telemetry_daily
from taproom.world.render.iot.devices import (
    device,
    device_assignment,
    firmware_release,
    firmware_rollout,
)
from taproom.world.render.iot.events import device_event
from taproom.world.render.iot.hourly import device_telemetry_hourly
from taproom.world.render.iot.orders import work_order
from taproom.world.render.iot.taps import tap_event

RENDERERS = {
    "device": device,
    "device_assignment": device_assignment,
    "firmware_release": firmware_release,
    "firmware_rollout": firmware_rollout,
    "device_telemetry_hourly": device_telemetry_hourly,
    "device_telemetry_daily": device_telemetry_daily,
    "tap_event": tap_event,
    "device_event": device_event,
    "work_order": work_order,
}
LEDGERS = {
    "device_telemetry_hourly": ledger.hourly,
    "device_telemetry_daily": ledger.by_day,
    "tap_event": ledger.tap_event,
    "device_event": ledger.device_event,
}
WORLD = {"firmware_release"}
RETENTION = {
    "device_telemetry_hourly": 14 * DAY,
    "device_telemetry_daily": 395 * DAY,
    "tap_event": 3 * DAY,
}
