"""When a device's hour reaches the platform (M01), and when the connector delivers it."""

from __future__ import annotations

import numpy as np

from taproom.world import mess
from taproom.world.clock import DAY, FOUNDED, HOUR, MINUTE, SECOND
from taproom.world.draws import keys
from taproom.world.venues import rhythm

RUN = 5 * MINUTE  # the connector looks every five minutes
FURTHEST = 8 * DAY  # no row comes later than so long after what it tells
HOURLY, DAILY = "iot.device_telemetry_hourly", "iot.device_telemetry_daily"


def threshold(level: str, defect: str, table: str, bits: int) -> int:
    """Rate of a defect as a threshold for so many bits of a key."""
    return round(mess.rate(level, defect, table) * (1 << bits))


def is_late(level: str, table: str, twelve: np.ndarray) -> np.ndarray:
    """M01, by twelve bits of the rows' keys."""
    return twelve < threshold(level, "M01", table, 12)


def delay(key) -> np.ndarray:
    """How late: 1 hour to 7 days, evenly on a logarithmic scale (median 13 hours), µs."""
    k = keys.mix(key ^ np.uint64(0x1A7E))
    hours = keys.exp(keys.u32(k, 0) / float(1 << 32) * 5.1239)  # ln 168
    seconds = np.rint(np.minimum(hours, 167.0) * 3_600).astype(np.int64)
    return seconds * SECOND


def transit(slot_keys) -> np.ndarray:
    """Time from the end of an hour to its report at the platform, 20 to 147 s in µs."""
    return (20 + rhythm.bits(slot_keys, 12, 7)) * SECOND


def delivered(ingested) -> np.ndarray:
    """Instant at which the connector delivers what the platform has."""
    return (ingested // RUN + 1) * RUN


def first_day(lo: int) -> int:
    """First business day that can still deliver rows from `lo` on."""
    return max((lo - FURTHEST - 2 * DAY) // DAY, FOUNDED - 2)


def last_day(hi: int) -> int:
    """Last business day that can have begun before `hi`, whatever the zone."""
    return (hi + 12 * HOUR) // DAY
