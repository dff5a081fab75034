"""What the calendar does to a venue's custom: seasons, holidays, matches, and the weather.

One factor a city and date, in closed form. Sources of the bands: the design's realism table
(summer +12%, January -18%, football weekends +6 to 25%); the feast days are a choice.
"""

from __future__ import annotations

import datetime as dt
from functools import cache

import numpy as np

from taproom.world import clock
from taproom.world.around.places import CITIES, CITY_COUNTRY
from taproom.world.draws import keys
from taproom.world.facts import COUNTRIES

FIRST, LAST = clock.FOUNDED - 60, clock.FOUNDED + 5_500
YEARS = range(2022, 2039)

# Custom by month, January first, on the northern half of the globe.
_NORTH = np.array([0.82, 0.93, 0.99, 1.00, 1.04, 1.12, 1.13, 1.11, 1.00, 0.98, 0.95, 1.00])
_SOUTH = np.array([1.10, 1.10, 1.03, 1.00, 0.94, 0.90, 0.90, 0.92, 0.98, 1.02, 1.06, 1.10])
_FOOTBALL_CITIES = ("CHI", "BOS", "SEA", "PHL", "NSH", "PHX", "ATL", "MSP", "TPA", "DEN", "MKE")


def weekday(day) -> np.ndarray:
    """Weekday of days since 1970; Monday is 0."""
    return (np.asarray(day) + 3) % 7


def easter(year: int) -> int:
    """Day number of Easter Sunday (Gauss's rule, in the form of the Gregorian computus)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, dom = divmod(h + m - 7 * n + 114, 31)
    return clock.day(year, month, dom + 1)


def nth(year: int, month: int, wanted: int, n: int) -> int:
    """Day number of the n-th Monday (0) to Sunday (6) of a month; n -1 is the last."""
    if n < 0:
        last = clock.day(year + month // 12, month % 12 + 1, 1) - 1
        return last - (int(weekday(last)) - wanted) % 7
    first = clock.day(year, month, 1)
    return first + (wanted - int(weekday(first))) % 7 + 7 * (n - 1)


def _holidays(country: str, year: int) -> dict[int, tuple[float, float]]:
    """Public holidays of a year: day -> (factor on custom, share of venues closed)."""
    on, sunday = (lambda m, d: clock.day(year, m, d)), easter(year)
    common = {on(1, 1): (0.75, 0.15), on(12, 25): (0.5, 0.6)}
    long_weekend = (1.25, 0.0)
    if country == "US":
        return common | {
            nth(year, 1, 0, 3): (1.1, 0.0),
            nth(year, 2, 0, 3): (1.1, 0.0),
            nth(year, 5, 0, -1): (1.3, 0.02),
            on(6, 19): (1.05, 0.0),
            on(7, 4): (1.15, 0.1),
            nth(year, 9, 0, 1): (1.25, 0.02),
            nth(year, 11, 3, 4): (0.55, 0.5),
        }
    if country in ("GB", "IE"):
        out = common | {
            sunday + 1: long_weekend,
            nth(year, 5, 0, 1): long_weekend,
            on(12, 26): (1.2, 0.15),
        }
        if country == "GB":
            return out | {
                sunday - 2: (1.2, 0.0),
                nth(year, 5, 0, -1): long_weekend,
                nth(year, 8, 0, -1): long_weekend,
            }
        return out | {
            on(3, 17): (1.0, 0.0),
            nth(year, 6, 0, 1): long_weekend,
            nth(year, 8, 0, 1): long_weekend,
            nth(year, 10, 0, -1): long_weekend,
        }
    if country == "CA":
        return common | {
            sunday - 2: (0.9, 0.1),
            clock.day(year, 5, 25) - 1 - int(weekday(clock.day(year, 5, 25) - 1)): long_weekend,
            on(7, 1): (1.2, 0.05),
            nth(year, 9, 0, 1): (1.2, 0.0),
            nth(year, 10, 0, 2): (0.9, 0.1),
            on(12, 26): (1.1, 0.1),
        }
    if country == "AU":
        return common | {
            on(1, 26): (1.3, 0.05),
            sunday - 2: (0.6, 0.3),
            sunday + 1: (1.2, 0.0),
            on(4, 25): (1.2, 0.1),
            on(12, 26): (1.2, 0.05),
        }
    if country == "JP":
        golden = {on(4, 29): (1.1, 0.0), on(5, 3): (1.15, 0.05), on(5, 4): (1.15, 0.05)}
        return {on(1, 1): (0.5, 0.55), on(1, 2): (0.7, 0.4), on(5, 5): (1.1, 0.0)} | golden
    days = common | {sunday + 1: (1.1, 0.05), sunday + 39: (1.3, 0.0), sunday + 50: (1.1, 0.0)}
    if country == "NL":
        kings = on(4, 27) - (int(weekday(on(4, 27))) == 6)
        return days | {kings: (1.7, 0.0), on(12, 26): (0.9, 0.2)}
    days |= {on(5, 1): (1.2, 0.05)}
    if country == "DE":
        return days | {sunday - 2: (0.7, 0.2), on(10, 3): (1.1, 0.05), on(12, 26): (0.9, 0.2)}
    return days | {on(5, 8): (1.1, 0.05), on(7, 14): (1.3, 0.0), on(11, 11): (1.0, 0.05)}


@cache
def _holiday_tables() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """By (country, day): is a holiday, factor on custom, share of venues closed."""
    shape = (len(COUNTRIES), LAST - FIRST)
    there, factor, closed = np.zeros(shape, bool), np.ones(shape), np.zeros(shape)
    for c, country in enumerate(COUNTRIES):
        for year in YEARS:
            for day, (f, share) in _holidays(country, year).items():
                if FIRST <= day < LAST:
                    there[c, day - FIRST] = True
                    factor[c, day - FIRST], closed[c, day - FIRST] = f, share
    return there, factor, closed


def is_holiday(country, day) -> np.ndarray:
    """Whether dates are public holidays, by position in COUNTRIES."""
    return _holiday_tables()[0][country, np.asarray(day) - FIRST]


def share_closed(country, day) -> np.ndarray:
    """Share of the venues that stay closed on dates."""
    return _holiday_tables()[2][country, np.asarray(day) - FIRST]


def _feasts(country: str, year: int) -> list[tuple[int, int, float]]:
    """Days of drinking that are no holidays: (first, last, factor)."""
    one = lambda day, f: (day, day, f)  # noqa: E731
    out = [one(clock.day(year, 12, 31), 1.45), one(clock.day(year, 12, 24), 0.8)]
    patrick = {"US": 1.4, "IE": 1.7, "GB": 1.2, "CA": 1.3, "AU": 1.15}.get(country)
    if patrick:
        out.append(one(clock.day(year, 3, 17), patrick))
    if country == "US":
        out.append(one(nth(year, 2, 6, 2), 1.35))  # Super Bowl
        out.append(one(nth(year, 11, 3, 4) - 1, 1.5))  # the night before Thanksgiving
        out.append(one(clock.day(year, 5, 5), 1.15))
        out.append(one(clock.day(year, 10, 31), 1.1))
    if country in ("GB", "DE", "FR", "NL", "IE"):
        if year % 4 == 0:  # European championship
            out.append((clock.day(year, 6, 14), clock.day(year, 7, 14), 1.10))
        if year % 4 == 2:  # World cup
            out.append((clock.day(year, 6, 11), clock.day(year, 7, 19), 1.10))
    if country == "JP":
        out.append((clock.day(year, 3, 24), clock.day(year, 4, 7), 1.08))  # cherry blossom
    if country == "AU":
        out.append(one(nth(year, 11, 1, 1), 1.3))  # Melbourne Cup
    return out


@cache
def custom(seed: int) -> np.ndarray:
    """Factor on custom by (day - FIRST, city), float64: season, feasts, matches, weather."""
    days = np.arange(FIRST, LAST)
    month = clock.month_of(days)
    into = (days - clock.month_start(month)) / 30.4 - 0.5
    other = (month % 12 + np.where(into < 0, -1, 1)) % 12
    out = np.empty((len(days), len(CITIES)))
    national = _holiday_tables()[1].copy()
    for c, country in enumerate(COUNTRIES):
        for year in YEARS:
            for first, last, f in _feasts(country, year):
                a, b = max(first - FIRST, 0), max(last + 1 - FIRST, 0)
                national[c, a:b] *= f
        # The evening before a day off is a good one.
        off = _holiday_tables()[0][c]
        national[c, :-1] *= np.where(off[1:] & ~off[:-1], 1.10, 1.0)
    for i, city in enumerate(CITIES):
        shape = _SOUTH if city.country == "AU" else _NORTH
        weight = np.abs(into)
        season = (1 - weight) * shape[month % 12] + weight * shape[other]
        out[:, i] = season * national[CITY_COUNTRY[i]] * _matches(seed, i, days)
        if city.name == "München":  # the feast ends on the first Sunday of October
            for year in YEARS:
                end = nth(year, 10, 6, 1) - FIRST
                if 16 < end < len(days):
                    out[end - 15 : end + 1, i] *= 1.25
    # Weather: a week's and a day's, 6% each.
    cities = np.arange(len(CITIES))
    wk = keys.key(keys.stream_key(seed, "weather"), cities, (days[:, None] + 3) // 7)
    k = keys.key(keys.stream_key(seed, "weather of the day"), cities, days[:, None])
    return np.round(out * (1 + 0.06 * keys.normal(wk, 0) + 0.06 * keys.normal(k, 0)), 6)


def _matches(seed: int, city: int, days: np.ndarray) -> np.ndarray:
    """Football weekends: a home match brings 6 to 25% more, keyed by city and week."""
    where = CITIES[city]
    month, wd = clock.month_of(days) % 12 + 1, weekday(days)
    k = keys.key(keys.stream_key(seed, "match"), np.full(len(days), city), (days + 3) // 7)
    gain = 0.06 + 0.19 * keys.u32(k, 0) / float(1 << 32)
    if where.country == "US":
        season = ((month >= 9) | (month == 1)) & np.isin(wd, (5, 6))
        home = keys.chance(k, 1, 0.55) | (where.code.upper() not in _FOOTBALL_CITIES)
        gain = np.where(home, gain, 0.06)
    elif where.country in ("GB", "DE", "FR", "NL", "IE"):
        season = ((month >= 8) | (month <= 5)) & (wd == 5) & keys.chance(k, 1, 0.5)
    elif where.country == "AU":
        season = (month >= 3) & (month <= 9) & np.isin(wd, (4, 5)) & keys.chance(k, 1, 0.5)
    else:
        season = np.zeros(len(days), dtype=bool)
    return np.where(season, 1 + gain, 1.0)


def year_of(day) -> np.ndarray:
    """Calendar year of days since 1970."""
    return 1970 + clock.month_of(day) // 12


def date_texts(first: int, last: int) -> list[str]:
    """ISO dates of the days first to last."""
    start = dt.date(1970, 1, 1)
    return [(start + dt.timedelta(days=d)).isoformat() for d in range(first, last + 1)]
