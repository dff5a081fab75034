"""When devices are silent, and when their beer is warm: intervals, cut by business day.

Three things silence a device: it has failed (facts), the country's networks are down
(climate.py), or it has lost its own network for some hours, which bills nothing and is the
rarer the better the venue's wifi. A failed device measures nothing. One without network measures
on; if it buffers, it sends what it has when it is back, otherwise those hours are lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from taproom.world.around import climate, zones
from taproom.world.clock import DAY, FOUNDED, HOUR, MINUTE
from taproom.world.draws import keys
from taproom.world.draws.arrays import ordinal
from taproom.world.facts import COUNTRIES, Facts
from taproom.world.render.iot.fleet import CLASSES, GATEWAY, LOWEST_LOSS, STEP, Fleet
from taproom.world.venues import rhythm

FAILED, NETWORK, WIFI = range(3)

# Disconnections a device has on a day, as a share of its network loss; hours they last.
PER_LOSS, SHORTEST, LONGEST = 0.35, 60, 480
MEAN_SHARE = PER_LOSS * (SHORTEST + LONGEST) / 2 / 1440  # of the loss that they make up

_SPELL_RATE, _SPELL_MIN, _SPELL_MAX = 0.012, 4, 40  # warm cellars: a week, hours


@dataclass(frozen=True)
class Outages:
    """Silent intervals: span of the fleet, [start, end) in µs UTC, cause; sorted by span, start."""

    span: np.ndarray
    start: np.ndarray
    end: np.ndarray
    cause: np.ndarray
    mode: np.ndarray

    def take(self, i) -> Outages:
        return Outages(self.span[i], self.start[i], self.end[i], self.cause[i], self.mode[i])


@dataclass(frozen=True)
class Cut:
    """Intervals cut by business day: row of the cut one, day, span; sorted by day, then span."""

    source: np.ndarray
    day: np.ndarray
    span: np.ndarray

    @cached_property
    def code(self) -> np.ndarray:
        """Day and span in one number, day * 2**24 + span."""
        return self.day * (1 << 24) + self.span


def day_key(fleet: Fleet, span, day) -> np.ndarray:
    """Key of a device's business day; bits 0-9 blips, 10-15 hours, 16-31 dealing, 32-47 error,
    48-63 disconnection."""
    return keys.key(keys.stream_key(fleet.seed, "device day"), fleet.key[span], day)


def loss_of(loss_class) -> np.ndarray:
    """Mean share of heartbeats that devices of a class lose."""
    return keys.exp(LOWEST_LOSS + STEP * (np.asarray(loss_class) + 0.5))


Hits = tuple[np.ndarray, np.ndarray, np.ndarray]


def hits(fleet: Fleet, first: int, last: int, *tests: tuple[int, np.ndarray]) -> list[Hits]:
    """For each test (span, day, key) of the devices' days that meet it, by day, then span.

    A test is (lowest bit, limits by span): met where 16 bits of the day's key are below the limit.
    """
    none = np.zeros(0, dtype=np.int64)
    found = [[(none, none, none.view(np.uint64))] for _ in tests]
    for block in range(first, last + 1, 64):
        end = min(block + 63, last)
        here = np.flatnonzero((fleet.first <= end) & (fleet.last >= block))
        device = keys.key(keys.stream_key(fleet.seed, "device day"), fleet.key[here])
        limits = [limit[here] for _, limit in tests]
        step = max(1, 65_536 // max(len(here), 1))
        for d in range(block, end + 1, step):
            days = np.arange(d, min(d + step, end + 1))
            key = keys.then(device, days[:, None])
            for (low, _), limit, out in zip(tests, limits, found, strict=True):
                # Of one dimension: numpy finds the few that are true in two far more slowly.
                at = np.flatnonzero(rhythm.bits(key, low, 16) < limit)
                i, j = np.divmod(at, len(here))
                span, day = here[j], days[i]
                live = (fleet.first[span] <= day) & (day <= fleet.last[span])
                out.append((span[live], day[live], key.ravel()[at[live]]))
    return [tuple(np.concatenate(c) for c in zip(*out, strict=True)) for out in found]


def disconnecting(fleet: Fleet) -> tuple[int, np.ndarray]:
    """The test that a device's day meets on which it loses its own network."""
    return 48, np.rint(loss_of(np.arange(CLASSES)) * PER_LOSS * 65_536).astype(np.int64)[fleet.loss]


def outages(
    fleet: Fleet, facts: Facts, first: int, last: int, disconnected: Hits | None = None
) -> Outages:
    """Every silence that touches business days first to last.

    `disconnected`: what `hits` found for `disconnecting`, where it is known already.
    """
    if disconnected is None:
        (disconnected,) = hits(fleet, first, last, disconnecting(fleet))
    parts = [
        _failures(fleet, facts, first, last),
        _networks(fleet, first, last),
        _disconnections(fleet, *disconnected),
    ]
    columns = [np.concatenate(c) for c in zip(*parts, strict=True)]
    out = Outages(*columns)
    return out.take(np.lexsort((out.cause, out.start, out.span)))


def failures(fleet: Fleet, facts: Facts, first: int, last: int) -> Outages:
    """The silences for which a device's failure is the reason, sorted by span and start."""
    out = Outages(*_failures(fleet, facts, first, last))
    return out.take(np.lexsort((out.start, out.span)))


def _failures(fleet: Fleet, facts: Facts, first: int, last: int):
    f = facts.table("device_failure")
    f = f[(f["until"] > (first - 1) * DAY) & (f["at"] < (last + 3) * DAY)]
    code, at = _spans_of(fleet, f["acct"], f["n"])
    f = f[at]
    # A span of the device that was running when it failed.
    start, end = f["at"], f["until"]
    zone = fleet.zone[code]
    keep = (zones.business_day(zone, start) >= fleet.first[code]) & (
        zones.business_day(zone, start) <= fleet.last[code]
    )
    code, start, end, mode = code[keep], start[keep], end[keep], f["mode"][keep]
    return code, start, end, np.full(len(code), FAILED), mode.astype(np.int64)


def _spans_of(fleet: Fleet, acct, n) -> tuple[np.ndarray, np.ndarray]:
    """Spans of devices: (span, position of the device), a device with two spans twice."""
    mine = fleet.acct * 4096 + fleet.n
    order = np.argsort(mine, kind="stable")
    wanted = acct.astype(np.int64) * 4096 + n
    lo = np.searchsorted(mine[order], wanted, side="left")
    count = np.searchsorted(mine[order], wanted, side="right") - lo
    return order[np.repeat(lo, count) + ordinal(count)], np.repeat(np.arange(len(wanted)), count)


def network_outages(seed: int, first: int, last: int) -> list[tuple[int, int, int]]:
    """Outages of countries' networks that touch days: (country, start, end)."""
    monday = first - 8 - (first - 8 - FOUNDED - 1) % 7
    out = []
    weeks = np.arange(monday, last + 2, 7)
    hours = climate.isp_outage_hours(seed, np.arange(len(COUNTRIES)), weeks[:, None])
    for week, long_by_country in zip(weeks.tolist(), hours, strict=True):
        for country in np.flatnonzero(long_by_country).tolist():
            k = keys.key(keys.stream_key(seed, "isp hour"), country, week)
            long = int(long_by_country[country])
            start = week * DAY + int(keys.below(k, 0, 7 * 24 - long)) * HOUR
            start += int(keys.below(k, 1, 60)) * MINUTE
            if start < (last + 2) * DAY and start + long * HOUR > (first - 1) * DAY:
                out.append((country, start, start + long * HOUR))
    return out


def _networks(fleet: Fleet, first: int, last: int):
    rows = [np.empty((0, 3), dtype=np.int64)]
    country = fleet.venues.country[fleet.venue]
    for c, start, end in network_outages(fleet.seed, first, last):
        i = np.flatnonzero(country == c)
        day = zones.business_day(fleet.zone[i], start)
        i = i[(fleet.first[i] <= day) & (fleet.last[i] >= day)]
        rows.append(np.stack([i, np.full(len(i), start), np.full(len(i), end)], axis=1))
    span, start, end = np.concatenate(rows).T
    return span, start, end, np.full(len(span), NETWORK), np.full(len(span), -1)


def _disconnections(fleet: Fleet, span, day, key):
    k = keys.mix(key ^ np.uint64(0xD15C))
    long = SHORTEST + keys.below(k, 0, LONGEST - SHORTEST)
    begin = keys.below(k, 1, 1440 - long)
    zone = fleet.zone[span]
    opens, ends = zones.business_start(zone, day), zones.business_start(zone, day + 1)
    start = opens + begin * MINUTE
    end = np.minimum(start + long * MINUTE, ends)
    start = np.minimum(start, ends - 2 * HOUR)
    return span, start, end, np.full(len(span), WIFI), np.full(len(span), -1)


def cut(fleet: Fleet, span, start, end, first: int, last: int) -> Cut:
    """Cut intervals by the business days first to last on which their devices are in service."""
    zone = fleet.zone[span]
    a = np.maximum(zones.business_day(zone, start), np.maximum(first, fleet.first[span]))
    b = np.minimum(zones.business_day(zone, end - 1), np.minimum(last, fleet.last[span]))
    count = np.maximum(b - a + 1, 0)
    source = np.repeat(np.arange(len(span)), count)
    day = a[source] + ordinal(count)
    order = np.lexsort((span[source], day))
    return Cut(source[order], day[order], span[source][order])


@dataclass(frozen=True)
class Spells:
    """Warm cellars: venue, [start, end) in µs UTC, and degrees Celsius above the usual in 1/100."""

    venue: np.ndarray
    start: np.ndarray
    end: np.ndarray
    rise: np.ndarray


def spells(fleet: Fleet, first: int, last: int) -> Spells:
    """Failing coolers that touch business days first to last; 1.2% of venue-weeks."""
    v = fleet.venues
    monday = first - 10 - (first - 10 - FOUNDED - 1) % 7
    week = np.arange(monday, last + 2, 7)
    k = keys.key(keys.stream_key(v.seed, "warm cellar"), v.key, week[:, None])
    i, venue = np.nonzero(keys.chance(k, 0, _SPELL_RATE))
    k = k[i, venue]
    hours = _SPELL_MIN + keys.below(k, 1, _SPELL_MAX - _SPELL_MIN)
    start = zones.business_start(v.zone[venue], week[i]) + keys.below(k, 2, 7 * 24 * 60) * MINUTE
    end = start + hours * HOUR
    rise = 300 + keys.below(k, 3, 450)
    keep = (end > zones.business_start(v.zone[venue], first)) & (
        start < zones.business_start(v.zone[venue], last + 1)
    )
    return Spells(venue[keep], start[keep], end[keep], rise[keep])


def of_spans(fleet: Fleet, s: Spells) -> tuple[np.ndarray, np.ndarray]:
    """Spans that measure the beer's temperature in warm cellars: (span, spell)."""
    measures = np.flatnonzero(fleet.kind != GATEWAY)
    place = fleet.venue[measures]  # the fleet is sorted by venue
    lo = np.searchsorted(place, s.venue, side="left")
    count = np.searchsorted(place, s.venue, side="right") - lo
    spell = np.repeat(np.arange(len(s.venue)), count)
    return measures[np.repeat(lo, count) + ordinal(count)], spell
