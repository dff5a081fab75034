"""L0: exchange rates to the US dollar, a keyed random walk with weak return to its level.

Rates are integers of 1e-8 dollars for one unit of a currency, so that decimals are exact. The
walk starts at FIRST, has one keyed step a business day and may be asked for any later day.
Weekends and a few bank holidays have no rate: the last one before holds.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import numpy as np

from taproom.world import clock
from taproom.world.draws import keys
from taproom.world.facts import CURRENCIES

UNIT = 100_000_000
FIRST = clock.FOUNDED - 10  # a Thursday: the month-end before the company opened has a rate
FOREIGN = CURRENCIES[1:]

# Order of FOREIGN: EUR, GBP, CAD, AUD, JPY.
_LEVEL = np.array([1.08, 1.26, 0.74, 0.66, 0.0068])
_DAILY = np.array([0.0048, 0.0050, 0.0036, 0.0060, 0.0062])  # standard deviation of a step
_RETURN = 0.008  # share of the distance to the level taken back each business day
_BUDGET = {
    "USD": UNIT,
    "EUR": 110_000_000,
    "GBP": 127_000_000,
    "CAD": 74_000_000,
    "AUD": 67_000_000,
    "JPY": 690_000,
}
_CHUNK = 512


def budget_rate(ccy: str) -> int:
    """The budget's rate of a currency, fixed for the world's life, in 1e-8 dollars."""
    return _BUDGET[ccy]


#: Budget rates in the order of facts.CURRENCIES, as dollars.
BUDGET = np.array([_BUDGET[c] for c in CURRENCIES]) / UNIT


def _easter(year: int) -> dt.date:
    """Easter Sunday (Meeus, Jones, Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    x = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * x) // 451
    month, day = divmod(h + x - 7 * m + 114, 31)
    return dt.date(year, month, day + 1)


@lru_cache(maxsize=256)
def _bank_holidays(year: int) -> np.ndarray:
    easter = clock.day(year, _easter(year).month, _easter(year).day)
    fixed = [clock.day(year, m, d) for m, d in ((1, 1), (5, 1), (12, 25), (12, 26))]
    return np.array([*fixed, easter - 2, easter + 1], dtype=np.int64)


def is_business_day(day) -> np.ndarray:
    """Whether a rate is fixed on a day: no weekend, no bank holiday."""
    day = np.atleast_1d(np.asarray(day, dtype=np.int64))
    if not len(day):
        return np.zeros(0, dtype=bool)
    years = range(clock.as_date(day.min()).year, clock.as_date(day.max()).year + 1)
    holidays = np.concatenate([_bank_holidays(y) for y in years])
    return ((day + 3) % 7 < 5) & ~np.isin(day, holidays)


def business_days(lo_day: int, hi_day: int) -> np.ndarray:
    """Business days in [lo_day, hi_day), none before FIRST."""
    days = np.arange(max(int(lo_day), FIRST), max(int(hi_day), FIRST), dtype=np.int64)
    return days[is_business_day(days)]


@lru_cache(maxsize=16)
def _daily(seed: int, chunks: int) -> np.ndarray:
    """Rate in force on every day from FIRST on, in 1e-8, shape (days, currency), dollars first."""
    days = FIRST + np.arange(chunks * _CHUNK, dtype=np.int64)
    k = keys.key(keys.stream_key(seed, "fx"), days[:, None], np.arange(len(FOREIGN))[None, :])
    step = keys.normal(k, 0) * _DAILY
    level = np.rint(_LEVEL * UNIT)
    start = keys.key(keys.stream_key(seed, "fx-start"), np.arange(len(FOREIGN)))
    now = np.rint(level * (1.0 + 0.02 * keys.normal(start, 0)))
    out = np.full((len(days), len(CURRENCIES)), UNIT, dtype=np.int64)
    for i, open_ in enumerate(is_business_day(days)):
        if i and open_:
            now = np.rint(now + _RETURN * (level - now) + now * step[i])
        out[i, 1:] = now
    out.flags.writeable = False
    return out


def _table(seed: int, day: int) -> np.ndarray:
    return _daily(seed, max(3, -(-(int(day) - FIRST + 1) // _CHUNK)))


def rates(seed: int, lo_day: int, hi_day: int) -> dict[str, np.ndarray]:
    """Rates of the business days in [lo_day, hi_day) by currency, in 1e-8 dollars a unit.

    The days themselves are business_days(lo_day, hi_day).
    """
    days = business_days(lo_day, hi_day)
    table = _table(seed, days[-1] if len(days) else FIRST)[days - FIRST]
    return {c: table[:, i] for i, c in enumerate(CURRENCIES) if c != "USD"}


def rate_e8(seed: int, ccy, day) -> np.ndarray:
    """Rate in force on a day (the last one before, where none was fixed), int64 of 1e-8.

    `ccy` indexes facts.CURRENCIES; `ccy` and `day` are broadcast. Days before FIRST take FIRST's.
    """
    day = np.maximum(np.asarray(day, dtype=np.int64), FIRST) - FIRST
    most = int(day.max()) if day.size else 0
    return _table(seed, FIRST + most)[day, np.asarray(ccy, dtype=np.int64)]


def rate_on(seed: int, ccy, day) -> np.ndarray:
    """Like rate_e8 in dollars: float64 values nearest to exact multiples of 1e-8."""
    return rate_e8(seed, ccy, day) / UNIT
