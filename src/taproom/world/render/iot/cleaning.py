"""When a venue's lines are cleaned: every 14 days where it is well run, less often elsewhere."""

from __future__ import annotations

import numpy as np

from taproom.world.around import zones
from taproom.world.clock import HOUR, MINUTE, SECOND
from taproom.world.render.iot.fleet import Fleet

SLOT = 4  # from 10:00, before the doors open


def last_day(fleet: Fleet, venue, day) -> np.ndarray:
    """The day of the last cleaning that was begun on or before business days."""
    every, phase, _ = fleet.cleaning
    return day - (day - phase[venue]) % every[venue]


def last_at(fleet: Fleet, venue, day) -> np.ndarray:
    """Instant (µs UTC) at which the last cleaning before the end of business days was done."""
    d = last_day(fleet, venue, day)
    minutes = fleet.cleaning[2][venue] + 40
    return zones.business_start(fleet.venues.zone[venue], d) + SLOT * HOUR + minutes * MINUTE


def begins(fleet: Fleet, venue, day, line) -> np.ndarray:
    """Instant at which a line's flush begins on a day of cleaning, lines one after the other."""
    minutes = fleet.cleaning[2][venue]
    start = zones.business_start(fleet.venues.zone[venue], day) + SLOT * HOUR
    return start + minutes * MINUTE + line * 95 * SECOND
