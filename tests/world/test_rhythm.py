"""Business days in local time, and how the venues' custom follows them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from taproom.world import clock, zones

DAYS = np.arange(clock.FOUNDED, clock.END + 400)


@pytest.mark.parametrize("zone", range(len(zones.ZONES)), ids=zones.ZONES)
def test_rules_agree_with_the_time_zone_database(zone):
    there = ZoneInfo(zones.ZONES[zone])
    # Every 5 hours meets each hour of the day; every hour around the changes of 2025.
    hours = np.r_[
        np.arange(clock.FOUNDED * 24, (clock.END + 400) * 24, 5),
        np.arange(clock.day(2025, 3, 1) * 24, clock.day(2025, 4, 15) * 24),
        np.arange(clock.day(2025, 10, 1) * 24, clock.day(2025, 11, 10) * 24),
    ] * clock.HOUR
    ours = zones.offset(zone, hours)
    theirs = [
        clock.as_datetime(t).astimezone(there).utcoffset() // dt.timedelta(minutes=1)
        for t in hours.tolist()
    ]
    assert ours.tolist() == theirs


@pytest.mark.parametrize("zone", range(len(zones.ZONES)), ids=zones.ZONES)
def test_business_days_begin_at_six_and_slots_add_up(zone):
    there = ZoneInfo(zones.ZONES[zone])
    start = zones.business_start(zone, DAYS)
    for day, at in zip(DAYS.tolist(), start.tolist(), strict=True):
        wall = clock.as_datetime(at).astimezone(there).replace(tzinfo=None)
        assert wall == dt.datetime.combine(clock.as_date(day), dt.time(6))
    assert (np.diff(start) == (24 + zones.extra_hours(zone, DAYS[:-1])) * clock.HOUR).all()
    for day in DAYS[zones.extra_hours(zone, DAYS) != 0].tolist():
        at = int(zones.business_start(zone, day))
        hours = [
            (clock.as_datetime(at + h * clock.HOUR).astimezone(there).hour - 6) % 24
            for h in range(24 + int(zones.extra_hours(zone, day)))
        ]
        count = zones.slot_count(np.array(zone), np.array(day))
        assert np.bincount(hours, minlength=24).tolist() == count.tolist()
    assert (zones.business_day(zone, start) == DAYS).all()
    assert (zones.business_day(zone, start - 1) == DAYS - 1).all()
