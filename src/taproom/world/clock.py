"""The world's time: days, instants, months. Everything is UTC.

An instant is an int64 of microseconds since 1970-01-01T00:00Z. A day is an int64 of days since
1970-01-01. No function here reads the wall clock.
"""

from __future__ import annotations

import datetime as dt

import numpy as np

US = 1
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def day(year: int, month: int, dom: int) -> int:
    """Days since 1970-01-01 of a calendar date."""
    return (dt.date(year, month, dom) - dt.date(1970, 1, 1)).days


FOUNDED = day(2023, 1, 1)  # Tapwise opens; the simulation starts
START = day(2024, 1, 1)  # the course's window and every grain start
END = day(2026, 1, 1)  # a new world's clock

# Dated drift of the sources, as days after START (world.md 1.5).
DRIFT_PERIOD_ON_ITEM = START + 120
DRIFT_DISCOUNT_TABLE = START + 200
DRIFT_CANCELLED = START + 260
DRIFT_HUBSPOT_ONBOARDING = START + 300
DRIFT_TAP_LINE = START + 340
DRIFT_TELEMETRY_CELSIUS = START + 400
DRIFT_GOOGLE_RESTRUCTURE = START + 450
DRIFT_NEW_PLANS = START + 520

FOREVER = np.int64(253402300799000000)  # 9999-12-31T23:59:59Z
NEVER = np.int64(-1)


def day_of(at):
    """Day of an instant."""
    return np.asarray(at) // DAY


def as_date(day_number: int) -> dt.date:
    """Calendar date of a day."""
    return dt.date(1970, 1, 1) + dt.timedelta(days=int(day_number))


def as_datetime(at: int) -> dt.datetime:
    """Aware datetime of an instant."""
    return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=int(at))


def iso(at: int) -> str:
    """ISO 8601 with a trailing Z, to the second."""
    return as_datetime(at).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse(text: str) -> int:
    """Instant of an ISO 8601 text that ends in Z."""
    return int(dt.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()) * SECOND


def month_of(day_number):
    """Months since 1970-01 of a day."""
    return np.asarray(day_number).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def month_start(month):
    """First day of a month given as months since 1970-01."""
    return np.asarray(month).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def add_months(at, months):
    """Instant `months` later, same time of day, clipped to the month's last day.

    This is Stripe's billing anchor rule: an anchor on the 31st bills on the 30th in April.
    """
    at = np.asarray(at, dtype=np.int64)
    d = at // DAY
    m = month_of(d)
    dom = d - month_start(m)
    target = m + np.asarray(months)
    length = month_start(target + 1) - month_start(target)
    return (month_start(target) + np.minimum(dom, length - 1)) * DAY + at % DAY
