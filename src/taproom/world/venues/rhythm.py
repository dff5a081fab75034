"""How much beer a venue draws on a business day, and in which of its hours: closed form.

Demand is drawn from the top: the pours of a venue and day, dealt out to its flow monitors, then
to the hours of the day, then to single pours. Each level splits the one above exactly, so that
what the devices record and what the tills sell can be compared to the glass. Outages of devices
change nothing here: they change what is recorded.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

import numpy as np

from taproom.world import clock
from taproom.world.around import festivals
from taproom.world.around.zones import FIRST_HOUR, SLOTS
from taproom.world.draws import keys
from taproom.world.facts import COUNTRIES

#: Custom by weekday, Monday first; mean 1.
WEEKDAY = np.array([0.70, 0.75, 0.85, 1.00, 1.45, 1.55, 0.70])
PER_TAP = 11.0  # pours of a tap on a mean day
POUR_SD = 0.0803  # of a pour's volume, as a share of the glass: 38 of 473 ml
#: The glass a venue sells, ml, by country.
GLASS = np.array(
    [{"GB": 568, "IE": 568, "DE": 400, "AU": 425, "FR": 500, "NL": 250, "JP": 380}.get(c, 473)
     for c in COUNTRIES]
)  # fmt: skip

# How custom falls on the hours from 06:00 on; closed hours are taken out by opening hours.
_EVENING = [2, 2, 2, 3, 4, 8, 16, 16, 13, 15, 25, 44, 62, 68, 66, 57, 42, 29, 18, 9, 4, 2, 1, 1]
_FRIDAY = [2, 2, 2, 3, 4, 9, 18, 18, 16, 22, 40, 60, 68, 70, 70, 64, 54, 42, 28, 15, 6, 2, 1, 1]
_SATURDAY = [2, 2, 2, 4, 8, 16, 28, 36, 46, 56, 66, 62, 66, 68, 66, 62, 54, 43, 29, 15, 6, 2, 1, 1]
_SUNDAY = [2, 2, 2, 4, 8, 18, 32, 38, 40, 42, 46, 48, 52, 50, 42, 32, 22, 14, 8, 4, 2, 1, 1, 1]
_CURVES = np.array([*[_EVENING] * 4, _FRIDAY, _SATURDAY, _SUNDAY], dtype=float)

PATTERNS = 64  # ways in which a day's custom may fall on its hours
SCALE = 1 << 16  # of the cumulative shares of the hours


@dataclass(frozen=True)
class Venues:
    """Venues and what decides their custom; arrays of one length.

    key: of the venue (uint64). city, zone, country: positions in their lists. level: pours of a
    mean day. opening: row of `hours`. closed: instant it closes for good (µs UTC), -1 never.
    """

    seed: int
    key: np.ndarray
    city: np.ndarray
    zone: np.ndarray
    country: np.ndarray
    level: np.ndarray
    opening: np.ndarray
    closed: np.ndarray
    hours: Hours

    def __len__(self) -> int:
        return len(self.key)

    def take(self, i) -> Venues:
        """The venues at positions (or in a slice) i."""
        arrays = (self.key, self.city, self.zone, self.country, self.level, self.opening)
        return Venues(self.seed, *(x[i] for x in (*arrays, self.closed)), self.hours)


@dataclass(frozen=True)
class Hours:
    """Weekly opening hours: begin and end in minutes after 06:00, shape (n, 7); -1 closed.

    Tables by n * 7 + weekday: `shares` (…, PATTERNS, 25) cumulative shares of the slots in
    1/SCALE; `open_slots` (…, 24) whether the venue is open in part of the slot; `offset` and
    `length` (…, 24) of its open part in seconds; `open_range` (…, 2) the first open slot and the
    one after the last.
    """

    begin: np.ndarray
    end: np.ndarray
    shares: np.ndarray
    open_slots: np.ndarray
    offset: np.ndarray
    length: np.ndarray
    open_range: np.ndarray


def level(key, taps, economics) -> np.ndarray:
    """Pours of a mean day: by the number of taps, the local economy, and the venue itself."""
    own = 0.30 * keys.normal(key, 50) - 0.045 + 0.10 * np.asarray(economics)
    return PER_TAP * np.asarray(taps) * keys.exp(own)


_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def hours_of(texts: tuple[str, ...]) -> Hours:
    """Opening hours from the JSON of app.locations, as tables."""
    begin = np.full((len(texts), 7), -1)
    end = np.full((len(texts), 7), -1)
    for i, text in enumerate(texts):
        for d, span in enumerate(json.loads(text)[n] for n in _DAYS):
            if span:
                a, b = (_after_six(t) for t in span.split("-"))
                begin[i, d], end[i, d] = a, b if b > a else b + 24 * 60
    a, b = begin.reshape(-1, 1), end.reshape(-1, 1)
    slot = np.arange(SLOTS) * 60
    first = np.clip(a - slot, 0, 60)
    last = np.clip(b - slot, 0, 60)
    minutes = np.where(a >= 0, np.maximum(last - first, 0), 0)
    k = keys.key(keys.stream_key(0, "hours of custom"), np.arange(PATTERNS))
    noise = np.stack([keys.exp(0.22 * keys.normal(k, s)) for s in range(SLOTS)], axis=1)
    curve = np.tile(_CURVES, (len(texts), 1)) * minutes / 60.0
    weight = np.maximum(curve[:, None, :] * noise, 0.0)
    total = weight.sum(axis=2, keepdims=True)
    cumulative = np.cumsum(weight, axis=2) / np.where(total > 0, total, 1.0)
    shares = np.zeros((len(weight), PATTERNS, SLOTS + 1), dtype=np.int32)
    shares[:, :, 1:] = np.rint(cumulative * SCALE)
    shares[:, :, 1:][np.broadcast_to(total > 0, weight.shape) & (cumulative > 1 - 1e-9)] = SCALE
    is_open = minutes > 0
    start = is_open.argmax(axis=1)
    stop = np.where(is_open.any(axis=1), SLOTS - is_open[:, ::-1].argmax(axis=1), start)
    ranges = np.stack([start, stop], axis=1)
    return Hours(begin, end, shares, is_open, first * 60, minutes * 60, ranges)


def _after_six(text: str) -> int:
    hour, minute = (int(x) for x in text.split(":"))
    return (hour - FIRST_HOUR) % 24 * 60 + minute


@cache
def _quantiles() -> np.ndarray:
    nd = NormalDist()
    return np.round([nd.inv_cdf((i + 0.5) / 4096) for i in range(4096)], 9)


def bits(key, low: int, width: int) -> np.ndarray:
    """Bits of keys as integers (int64), `width` of them from bit `low` on."""
    return ((key >> np.uint64(low)) & np.uint64((1 << width) - 1)).view(np.int64)


def quantile(twelve) -> np.ndarray:
    """Standard normal of twelve bits."""
    return _quantiles()[twelve]


def demand(v: Venues, day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pours of venues on business days, and the keys of those days: (int32, uint64).

    `day` broadcasts against the venues: a column of days gives a table (days, venues), an array
    as long as the venues one day each. The key of a venue and day carries every later draw of
    that day: bits 0-11 noise, 12-23 volume, 24-39 dealing out to devices, 40-63 their volumes.
    """
    day = np.asarray(day, dtype=np.int64)
    key = keys.key(keys.stream_key(v.seed, "demand"), v.key, day)
    mean = festivals.custom(v.seed)[day - festivals.FIRST, v.city]
    mean *= WEEKDAY[festivals.weekday(day)] * v.level
    month = clock.month_of(day)
    for m in np.unique(month):
        k = keys.key(keys.stream_key(v.seed, "custom of the month"), v.key, int(m))
        own = 1 + 0.07 * keys.normal(k, 0)
        if day.ndim == 2:
            mean[month[:, 0] == m] *= own
        else:
            mean *= np.where(month == m, own, 1.0)
    # Custom runs dry in the last four months of a venue that closes.
    some = np.flatnonzero(v.closed >= 0)
    left = v.closed[some] // clock.DAY - (day if day.ndim == 2 else day[some])
    mean[..., some] *= np.minimum(0.7 + 0.0025 * np.maximum(left, 0), 1.0)
    pours = mean * (1 + 0.12 * quantile(bits(key, 0, 12))) + 0.5
    pours = np.maximum(pours, 0).astype(np.int32)
    pours *= trades(v, day, key)
    return pours, key


def trades(v: Venues, day: np.ndarray, key) -> np.ndarray:
    """Whether venues open on business days: weekday, holidays, renovation."""
    out = v.hours.begin[v.opening, festivals.weekday(day)] >= 0
    if day.ndim == 2:
        rows = np.flatnonzero(festivals.share_closed(slice(None), day[:, 0]).any(axis=0))
        closed = festivals.share_closed(v.country, day[rows])
        out[rows] &= bits(key[rows], 24, 16) >= np.rint(closed * SCALE)
    else:
        out &= bits(key, 24, 16) >= np.rint(festivals.share_closed(v.country, day) * SCALE)
    year = festivals.year_of(day)
    for y in np.unique(year):
        first, last = renovation(v, int(y))
        shut = np.flatnonzero(last >= 0)
        d, in_year = (x if day.ndim == 2 else x[shut] for x in (day, year == y))
        out[..., shut] &= ~in_year | (d < first[shut]) | (d > last[shut])
    return out


def renovation(v: Venues, year: int) -> tuple[np.ndarray, np.ndarray]:
    """First and last day on which venues are shut for works in a year; 4% are, 5 to 24 days."""
    k = keys.key(keys.stream_key(v.seed, "renovation"), v.key, year)
    first = clock.day(year, 1, 7) + keys.below(k, 1, 320)
    last = first + 4 + keys.below(k, 2, 20)
    hit = keys.chance(k, 0, 0.04)
    return np.where(hit, first, 0), np.where(hit, last, -1)


def volume(pours, key, glass) -> np.ndarray:
    """Millilitres of a venue's day: pours of the glass's size, with the spread of so many."""
    n = np.asarray(pours, dtype=np.float64)
    noise = POUR_SD * np.sqrt(n) * quantile(bits(key, 12, 12))
    return np.rint(glass * (n + noise)).astype(np.int64)


def dealt(pours, total_ml, key, glass, share, cut) -> tuple[np.ndarray, np.ndarray]:
    """Pours and ml of a venue's day on the lines before a cut.

    `share` of the lines (in 1/SCALE) lies before the cut; `cut` numbers it, so that the devices
    on its two sides agree. A share of 0 gives nothing, one of SCALE all.
    """
    n = (pours.astype(np.int64) * share + bits(key, 24, 16)) >> 16
    part = n / np.maximum(pours, 1)
    low = np.uint64(40) + np.uint64(3) * (cut % 5).astype(np.uint64)
    draw = ((key >> low) & np.uint64(0xFFF)).view(np.int64)
    spread = POUR_SD * glass * np.sqrt(pours * part * (1 - part)) * quantile(draw)
    return n, np.rint(total_ml * part + spread).astype(np.int64)
