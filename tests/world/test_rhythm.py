"""Business days in local time, and how the venues' custom follows them."""

from __future__ import annotations

import datetime as dt
import json
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from taproom.world import clock
from taproom.world.around import festivals, places, zones
from taproom.world.draws import keys
from taproom.world.facts import COUNTRIES
from taproom.world.venues import rhythm

DAYS = np.arange(clock.FOUNDED, clock.END + 400)


@pytest.mark.parametrize("zone", range(len(zones.ZONES)), ids=zones.ZONES)
def test_rules_agree_with_the_time_zone_database(zone):
    there = ZoneInfo(zones.ZONES[zone])
    # Every 5 hours meets each hour of the day; every hour around the changes of 2025.
    hours = (
        np.r_[
            np.arange(clock.FOUNDED * 24, (clock.END + 400) * 24, 5),
            np.arange(clock.day(2025, 3, 1) * 24, clock.day(2025, 4, 15) * 24),
            np.arange(clock.day(2025, 10, 1) * 24, clock.day(2025, 11, 10) * 24),
        ]
        * clock.HOUR
    )
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


# --- custom ------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def venues() -> rhythm.Venues:
    """Two thousand venues, all over the cities, open every day or closed on Mondays."""
    n = 2_000
    key = keys.key(keys.stream_key(42, "venues of a test"), np.arange(n))
    city = np.arange(n) % len(places.CITIES)
    week = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "12:00-01:30")
    texts = (json.dumps(week), json.dumps(week | {"mon": None}))
    return rhythm.Venues(
        seed=42,
        key=key,
        city=city,
        zone=zones.CITY_ZONE[city],
        country=places.CITY_COUNTRY[city],
        level=rhythm.level(key, 16 + np.arange(n) % 3, np.zeros(n)),
        opening=np.arange(n) % 2,
        closed=np.where(np.arange(n) % 50 == 0, (clock.END - 100) * clock.DAY, -1),
        hours=rhythm.hours_of(texts),
    )


def pours(venues: rhythm.Venues, first: int, last: int) -> np.ndarray:
    return rhythm.demand(venues, np.arange(first, last)[:, None])[0]


def test_the_week_has_its_shape(venues):
    first = clock.day(2024, 9, 2)  # a Monday
    every = venues.take(np.flatnonzero((venues.opening == 0) & (venues.closed < 0)))
    week = pours(every, first, first + 70).reshape(10, 7, -1).mean(axis=(0, 2))
    assert np.abs(week / week.mean() - rhythm.WEEKDAY).max() < 0.12


def test_days_off_have_no_custom(venues):
    first = clock.day(2024, 9, 2)
    off = venues.take(np.flatnonzero(venues.opening == 1))
    assert not pours(off, first, first + 1).any()
    assert pours(off, first + 1, first + 2).all(axis=0).mean() > 0.95


@pytest.mark.parametrize(
    ("country", "date", "low", "high"),
    [
        ("IE", (2025, 3, 17), 1.5, 3.0),  # St Patrick's, a Monday
        ("US", (2025, 2, 9), 1.2, 1.8),  # Super Bowl
        ("US", (2025, 11, 26), 1.3, 2.0),  # the night before Thanksgiving
        ("GB", (2025, 12, 25), 0.05, 0.5),
        ("NL", (2025, 4, 26), 1.3, 2.2),  # King's Day, a day early
    ],
)
def test_feasts_are_felt_where_they_are_kept(venues, country, date, low, high):
    here = venues.take(np.flatnonzero(venues.country == COUNTRIES.index(country)))
    day = clock.day(*date)
    usual = np.mean([pours(here, day + 7 * k, day + 7 * k + 1).mean() for k in (-3, -2, 2, 3)])
    assert low < pours(here, day, day + 1).mean() / usual < high


def test_hours_follow_the_doors_and_the_evening(venues):
    shares = np.diff(venues.hours.shares, axis=2) / rhythm.SCALE
    open_days = venues.hours.begin.ravel() >= 0
    assert np.allclose(shares[open_days].sum(axis=2), 1.0)
    assert (shares >= 0).all() and not shares[~open_days].any()
    shut = ~venues.hours.open_slots[:, None, :] & np.ones_like(shares, dtype=bool)
    assert not shares[shut].any()
    thursday, saturday = shares[3].mean(axis=0), shares[5].mean(axis=0)
    assert thursday.argmax() + zones.FIRST_HOUR in (18, 19, 20)
    assert saturday[10] > thursday[10] * 1.5  # four in the afternoon
    last = venues.hours.length[0, 19]  # open until half past one
    assert last == 1_800


def test_a_closing_venue_loses_its_custom(venues):
    closing = venues.take(np.flatnonzero((venues.closed >= 0) & (venues.opening == 0)))
    end = int(closing.closed[0] // clock.DAY)
    before = pours(closing, end - 28, end).mean()
    staying = rhythm.Venues(**(vars(closing) | {"closed": np.full(len(closing), -1)}))
    assert 0.65 < before / pours(staying, end - 28, end).mean() < 0.85


def test_summer_is_busy_where_it_is_summer(venues):
    def level(country: str, month: int) -> float:
        here = venues.take(np.flatnonzero(venues.country == COUNTRIES.index(country)))
        first = clock.day(2025, month, 1)
        return pours(here, first, first + 28).mean()

    assert level("US", 7) / level("US", 1) > 1.2
    assert level("AU", 1) / level("AU", 7) > 1.1


def test_easter_and_the_nth_weekday():
    assert festivals.easter(2024) == clock.day(2024, 3, 31)
    assert festivals.easter(2025) == clock.day(2025, 4, 20)
    assert festivals.nth(2025, 11, 3, 4) == clock.day(2025, 11, 27)
    assert festivals.nth(2025, 5, 0, -1) == clock.day(2025, 5, 26)
    assert festivals.nth(2025, 12, 6, -1) == clock.day(2025, 12, 28)


def test_works_shut_four_venues_in_a_hundred_each_year(venues):
    first, last = rhythm.renovation(venues, 2025)
    shut = last > 0
    assert 0.025 < shut.mean() < 0.055
    assert ((last - first)[shut] >= 4).all() and ((last - first)[shut] < 24).all()
