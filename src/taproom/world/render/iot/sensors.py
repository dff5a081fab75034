"""What the sensors read, and how some of them are wrong (M15).

Temperatures are in 1/100 degrees Celsius and pressures in 1/100 psi until a column is written.
A defect lasts some weeks: a sensor is stuck at a value, has jumped by some degrees, or, on
firmware 3.2, sends Fahrenheit where the platform takes Celsius.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from taproom.world import clock, mess
from taproom.world.draws import keys
from taproom.world.draws.arrays import ordinal
from taproom.world.render.iot.fleet import GATEWAY, Fleet

STUCK, JUMP, FAHRENHEIT = range(3)
TOO_WARM = 700  # above 7 degrees beer is out of its range
TABLE = "iot.device_telemetry"
_EVERY = 180  # a device is looked at twice a year
_YEAR_OF_32 = clock.day(2024, 12, 1)  # about when 3.2 comes


@dataclass(frozen=True)
class Defects:
    """Sensors gone wrong: span, first and last business day, kind, value in 1/100 degrees."""

    span: np.ndarray
    first: np.ndarray
    last: np.ndarray
    kind: np.ndarray
    value: np.ndarray


def defects(fleet: Fleet, level: str, first: int, last: int) -> Defects:
    """M15 in force on business days first to last."""
    term = np.arange((first - 60) // _EVERY, last // _EVERY + 1)
    k = keys.key(keys.stream_key(fleet.seed, "M15 sensor"), fleet.key, term[:, None])
    hit = keys.chance(k, 0, mess.rate(level, "M15", TABLE)) & (fleet.kind != GATEWAY)
    i, span = np.nonzero(hit)
    k = k[i, span]
    begin = term[i] * _EVERY + keys.below(k, 1, _EVERY - 60)
    end = begin + 12 + keys.below(k, 2, 45)
    kind = keys.below(k, 3, 3)
    # Only firmware 3.2 and later can send the wrong unit.
    kind = np.where((kind == FAHRENHEIT) & (begin < _YEAR_OF_32 + 90), JUMP, kind)
    value = np.where(kind == STUCK, 250 + keys.below(k, 4, 300), 400 + keys.below(k, 4, 500))
    keep = (end >= first) & (begin <= last) & (end >= fleet.first[span])
    keep &= begin <= fleet.last[span]
    return Defects(span[keep], begin[keep], end[keep], kind[keep], value[keep])


def by_day(fleet: Fleet, d: Defects, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
    """Defects by business day: sorted codes day * 2**24 + span, and the defect of each."""
    a = np.maximum(np.maximum(d.first, fleet.first[d.span]), first)
    b = np.minimum(np.minimum(d.last, fleet.last[d.span]), last)
    count = np.maximum(b - a + 1, 0)
    which = np.repeat(np.arange(len(a)), count)
    code = (a[which] + ordinal(count)) * (1 << 24) + d.span[which]
    order = np.argsort(code, kind="stable")
    return code[order], which[order]


def damage(d: Defects, which: np.ndarray, liquid: np.ndarray) -> np.ndarray:
    """Readings of wrong sensors, 1/100 degrees in and out."""
    kind, value = d.kind[which], d.value[which]
    wrong_unit = liquid * 9 // 5 + 3200
    return np.select([kind == STUCK, kind == JUMP], [value, liquid + value], wrong_unit)


_AMBIENT = np.array([-150, -120, -40, 20, 90, 160, 200, 190, 110, 30, -60, -120])
# From 06:00 on, a row each twelve hours.
_HOUR = np.array(
    [
        [-60, -60, -50, -40, -20, 0, 20, 40, 50, 60, 80, 100],
        [120, 120, 110, 90, 60, 30, 0, -20, -40, -50, -60, -60],
    ]
).ravel()


def ambient(fleet: Fleet, span, day) -> np.ndarray:
    """Temperature of the room on a mean hour of a day."""
    # Days are few, so that their months are looked up.
    first = int(np.min(day, initial=1 << 30))
    months = clock.month_of(np.arange(first, int(np.max(day, initial=first)) + 1)) % 12
    month = months[day - first]
    south = fleet.venues.country.take(fleet.venue.take(span)) == 4  # Australia
    out = _AMBIENT.take(np.where(south, (month + 6) % 12, month))
    out += fleet.normal["ambient"].take(span)
    return out


def by_hour() -> np.ndarray:
    """What the slot adds to the room's temperature."""
    return _HOUR


def decimals(hundredths, null=None) -> pa.Array:
    """Hundredths as floats with two decimals; null where the mask says so."""
    return pa.array(hundredths / 100.0, mask=null)


def fahrenheit(hundredths) -> np.ndarray:
    """1/100 degrees Celsius as 1/100 degrees Fahrenheit."""
    return hundredths * 9 // 5 + 3200
