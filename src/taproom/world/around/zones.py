"""Time zones of the venues' cities, by rule: no time zone database, so no machine can differ.

A local business day runs from 06:00 to 06:00 local wall clock and is named by the date it begins
on. Its hours are its 24 slots, 06:00 to 05:00 of the next morning. Where the clock goes forward
a slot is missing, where it goes back one comes twice; both always fall between 01:00 and 03:00.
"""

from __future__ import annotations

import datetime as dt
from functools import cache

import numpy as np

from taproom.world.around.places import CITIES
from taproom.world.clock import DAY, FOUNDED, HOUR, MINUTE

SLOTS = 24
FIRST_HOUR = 6
_FIRST, _LAST = FOUNDED - 60, FOUNDED + 5_500  # days known: until 2038

# Standard offset in minutes and rule of summer time: name of the rule, or none.
_RULES = {
    "America/Chicago": (-360, "us"),
    "America/Los_Angeles": (-480, "us"),
    "America/Denver": (-420, "us"),
    "America/New_York": (-300, "us"),
    "America/Detroit": (-300, "us"),
    "America/Phoenix": (-420, None),
    "America/Toronto": (-300, "us"),
    "America/Vancouver": (-480, "us"),
    "America/Edmonton": (-420, "us"),
    "America/Halifax": (-240, "us"),
    "Europe/London": (0, "eu"),
    "Europe/Dublin": (0, "eu"),
    "Europe/Berlin": (60, "eu"),
    "Europe/Paris": (60, "eu"),
    "Europe/Amsterdam": (60, "eu"),
    "Australia/Melbourne": (600, "au"),
    "Australia/Sydney": (600, "au"),
    "Australia/Brisbane": (600, None),
    "Australia/Perth": (480, None),
    "Australia/Adelaide": (570, "au"),
    "Asia/Tokyo": (540, None),
}
ZONES = tuple(_RULES)
CITY_ZONE = np.array([ZONES.index(c.timezone) for c in CITIES])


def _sunday(year: int, month: int, n: int) -> int:
    """Day number of the n-th Sunday of a month; n -1 is the last one."""
    if n < 0:
        after = dt.date(year + month // 12, month % 12 + 1, 1)
        back = (after.weekday() + 1) % 7 or 7
        return (after - dt.timedelta(days=back) - dt.date(1970, 1, 1)).days
    first = dt.date(year, month, 1)
    ahead = (6 - first.weekday()) % 7 + 7 * (n - 1)
    return (first + dt.timedelta(days=ahead) - dt.date(1970, 1, 1)).days


def _turns(standard: int, rule: str | None) -> list[tuple[int, int]]:
    """Instants at which the offset changes, with the offset from then on, in minutes."""
    out = []
    for year in range(2022, 2039):
        if rule == "us":  # second Sunday of March to first of November, at 02:00 wall clock
            out.append((_sunday(year, 3, 2) * DAY + (120 - standard) * MINUTE, standard + 60))
            out.append((_sunday(year, 11, 1) * DAY + (60 - standard) * MINUTE, standard))
        elif rule == "eu":  # last Sundays of March and October, at 01:00 UTC
            out.append((_sunday(year, 3, -1) * DAY + HOUR, standard + 60))
            out.append((_sunday(year, 10, -1) * DAY + HOUR, standard))
        elif rule == "au":  # first Sunday of October to first of April, at 02:00 standard time
            out.append((_sunday(year, 4, 1) * DAY + (120 - standard) * MINUTE, standard))
            out.append((_sunday(year, 10, 1) * DAY + (120 - standard) * MINUTE, standard + 60))
    return sorted(out)


@cache
def _changes() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sorted keys of all changes (zone and instant in one number), and the offsets since."""
    keys, offsets, starts = [], [], []
    for zone, (standard, rule) in enumerate(_RULES.values()):
        turns = _turns(standard, rule)
        before = standard + 60 if rule == "au" else standard
        starts.append(len(keys))
        keys.append(zone * _WIDE)
        offsets.append(before)
        for at, offset in turns:
            keys.append(zone * _WIDE + at // MINUTE)
            offsets.append(offset)
    return np.array(keys), np.array(offsets), np.array(starts)


_WIDE = 1 << 26  # minutes of more than a hundred years


def offset(zone, at) -> np.ndarray:
    """Offset from UTC in minutes of zones at instants (µs since 1970, UTC)."""
    keys, offsets, _ = _changes()
    wanted = np.asarray(zone, dtype=np.int64) * _WIDE + np.asarray(at, dtype=np.int64) // MINUTE
    return offsets[np.searchsorted(keys, wanted, side="right") - 1]


def local(zone, at) -> np.ndarray:
    """Local wall clock of instants, as µs since 1970-01-01T00:00 there."""
    return np.asarray(at, dtype=np.int64) + offset(zone, at) * MINUTE


@cache
def _table() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """By (day, zone): start of the business day, hours it has over 24, and the slot concerned."""
    days = np.arange(_FIRST, _LAST + 1)
    zones = np.arange(len(ZONES))
    standard = np.array([s for s, _ in _RULES.values()])
    wall = days[:, None] * DAY + FIRST_HOUR * HOUR
    guess = wall - standard * MINUTE
    start = wall - offset(zones, guess) * MINUTE
    extra = (start[1:] - start[:-1] - DAY) // HOUR
    # Summer time begins at 02:00 except where a zone keeps UTC; it ends after 01:00 or 02:00.
    begins = np.array([19 if n in ("Europe/London", "Europe/Dublin") else 20 for n in ZONES])
    ends = np.array([19 if r == "us" or s == 0 else 20 for s, r in _RULES.values()])
    slot = np.where(extra > 0, ends, np.where(extra < 0, begins, -1))
    return start[:-1], extra, slot


def business_start(zone, day) -> np.ndarray:
    """Instant (µs UTC) of 06:00 local on dates (days since 1970)."""
    return _table()[0][np.asarray(day) - _FIRST, zone]


def extra_hours(zone, day) -> np.ndarray:
    """Hours of business days over 24: 1 in autumn, -1 in spring, else 0."""
    return _table()[1][np.asarray(day) - _FIRST, zone]


def turned_slot(zone, day) -> np.ndarray:
    """The slot that comes twice or not at all on business days; -1 on ordinary ones."""
    return _table()[2][np.asarray(day) - _FIRST, zone]


def slot_count(zone, day) -> np.ndarray:
    """How often each slot comes, int8, shape (..., 24): 1, or 0 or 2 for the turned one."""
    extra, slot = extra_hours(zone, day), turned_slot(zone, day)
    here = np.arange(SLOTS) == slot[..., None]
    return (1 + np.where(here, extra[..., None], 0)).astype(np.int8)


def business_day(zone, at) -> np.ndarray:
    """Business day (days since 1970) that instants fall into."""
    return (local(zone, at) - FIRST_HOUR * HOUR) // DAY
