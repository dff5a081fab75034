"""Devices and venues in service: who reports, from which day to which, with which traits.

A device is in service while it is installed and its account is in trial, active or past due. An
account that comes back gives its devices a second span. A span covers whole business days: from
the first that begins after the device is installed to the last that begins before it is gone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyarrow as pa

from taproom.world.around import firmware, zones
from taproom.world.draws import ids, keys
from taproom.world.draws.arrays import ordinal
from taproom.world.facts import Facts
from taproom.world.people import names
from taproom.world.people.population import Population, child_key
from taproom.world.render.app.venues import opening_hours, taps, venue_type
from taproom.world.render.iot.dealing import NEVER, Dealing, deal
from taproom.world.venues import rhythm
from taproom.world.window import Window

FLOW, KEG, GATEWAY = range(3)
ENDLESS = 1 << 20  # a day that never comes
_ALWAYS = np.iinfo(np.int64).max

# Share of heartbeats lost for want of network, as exp(x): median 2.5%, a twentieth above 10%.
_MEDIAN_LOSS, LOWEST_LOSS = -3.79, -5.809
CLASSES, STEP = 32, 0.158


@dataclass(frozen=True)
class Devices:
    """Every device there ever was, in service or not, sorted by account, venue and ordinal."""

    acct: np.ndarray
    n: np.ndarray
    key: np.ndarray
    kind: np.ndarray
    batch: np.ndarray
    venue: np.ndarray
    installed: np.ndarray
    removed: np.ndarray
    revision: np.ndarray
    currency: np.ndarray

    def __len__(self) -> int:
        return len(self.key)


@dataclass(frozen=True)
class Fleet:
    """Spans of devices in service, sorted by account, venue and device; arrays of one length.

    device: position in `devices` and `ids`. venue: position in `venues`. first, last: business
    days, both inclusive. begin, end: instants of the span (end -1: still running). loss: class
    of network loss. buffers: keeps its pours while it has no network.
    """

    seed: int
    venues: rhythm.Venues
    venue_acct: np.ndarray
    venue_n: np.ndarray
    venue_span: np.ndarray
    skill: np.ndarray
    tap_count: np.ndarray
    glass: np.ndarray
    devices: Devices
    dealing: Dealing
    device: np.ndarray
    acct: np.ndarray
    n: np.ndarray
    key: np.ndarray
    kind: np.ndarray
    venue: np.ndarray
    batch: np.ndarray
    installed: np.ndarray
    begin: np.ndarray
    end: np.ndarray
    first: np.ndarray
    last: np.ndarray
    environment: np.ndarray
    loss: np.ndarray
    revision: np.ndarray

    def __len__(self) -> int:
        return len(self.key)

    @cached_property
    def ids(self) -> pa.StringArray:
        """Identifiers of all devices; those of the spans are `ids.take(device)`."""
        return ids.text_id("dev_", self.devices.key)

    @cached_property
    def venue_ids(self) -> pa.StringArray:
        return ids.text_id("loc_", self.venues.key)

    @cached_property
    def zone(self) -> np.ndarray:
        return self.venues.zone[self.venue]

    @cached_property
    def buffers(self) -> np.ndarray:
        return self.revision == 2

    @cached_property
    def error_rate(self) -> np.ndarray:
        """Errors a day in 1/65,536, but for firmware."""
        bad = np.where(self.batch % 13 == 4, 2.0, 1.0)
        rate = bad * keys.exp(0.3 * self.environment) * (65_536 / 75)
        return np.rint(rate).astype(np.int64)

    @cached_property
    def cleaning(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of venues: days between cleanings, a day of one, and minutes past 10:00."""
        k = keys.key(keys.stream_key(self.seed, "cleaning"), self.venues.key)
        slack = self.skill + 0.5 * keys.normal(k, 0)
        every = np.select([slack > -0.9, slack > -1.6], [14, 21], 35)
        return every, keys.below(k, 1, every), keys.below(k, 2, 45)

    @cached_property
    def normal(self) -> dict[str, np.ndarray]:
        """What a device reads on an ordinary day: 1/100 degrees Celsius, 1/100 psi, dBm."""
        k = keys.key(keys.stream_key(self.seed, "reading"), self.key)
        return {
            "liquid": np.rint(330 + 35 * keys.normal(k, 0)).astype(np.int64),
            "pressure": np.rint(1300 + 40 * keys.normal(k, 1)).astype(np.int64),
            "rssi": np.rint(-52 - 1.1 * self.loss + 4 * keys.normal(k, 2)).astype(np.int64),
            "ambient": np.rint(1900 + 120 * keys.normal(k, 3)).astype(np.int64),
        }

    @cached_property
    def releases(self) -> np.ndarray:
        """First business day on which each release runs, shape (releases, spans)."""
        return firmware.first_days(self.key)


def fleet_of(w: Window) -> Fleet:
    """The fleet of the window's facts, made once."""
    return w.facts.once(("fleet", w.seed, w.paying), lambda: _fleet(w))


def service(facts: Facts) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Spans in which accounts are in trial, active or past due: (acct, begin, end or never)."""
    v = facts.table("account_version")
    v = v[np.lexsort((v["at"], v["acct"]))]
    on = np.isin(v["status"], (0, 1, 2))
    same = np.r_[False, v["acct"][1:] == v["acct"][:-1]]
    before = np.r_[False, on[:-1]] & same
    starts, stops = np.flatnonzero(on & ~before), np.flatnonzero(~on & before)
    end = np.full(len(starts), _ALWAYS)
    # The stop of a start is the first one after it, if it is of the same account.
    at = np.searchsorted(stops, starts)
    there = at < len(stops)
    same_account = np.zeros(len(starts), dtype=bool)
    same_account[there] = v["acct"][stops[at[there]]] == v["acct"][starts[there]]
    end[same_account] = v["at"][stops[at[same_account]]]
    return v["acct"][starts], v["at"][starts], end


def spans(facts: Facts, acct, begin, end) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cut things of accounts (in [begin, end), end -1 never) by the accounts' service.

    Returns (position of the thing, begin, end), end the largest int64 where it still runs.
    """
    s_acct, s_begin, s_end = service(facts)
    lo = np.searchsorted(s_acct, acct, side="left")
    count = np.searchsorted(s_acct, acct, side="right") - lo
    i = np.repeat(np.arange(len(acct)), count)
    j = np.repeat(lo, count) + ordinal(count)
    a = np.maximum(begin[i], s_begin[j])
    b = np.minimum(np.where(end[i] < 0, _ALWAYS, end[i]), s_end[j])
    keep = a < b
    return i[keep], a[keep], b[keep]


def days_of(zone, begin, end) -> tuple[np.ndarray, np.ndarray]:
    """First and last whole business day of spans."""
    first = zones.business_day(zone, begin - 1) + 1
    runs = end == _ALWAYS
    last = np.where(runs, ENDLESS, zones.business_day(zone, np.where(runs, begin, end) - 1))
    return first, last


def _venues(w: Window, pop: Population) -> tuple:
    f = w.facts.table("location")
    f = f[np.lexsort((f["n"], f["acct"]))]
    i = np.searchsorted(pop.acct, f["acct"])
    key = child_key(w.seed, "location", f["acct"], f["n"])
    kind = venue_type(pop, i, key, f["n"])
    tap = taps(key, kind)
    country = pop.country[i].astype(np.int64)
    city = names.venue_city(pop.key[i], country, key, f["n"])
    opening = opening_hours(key, kind).dictionary_encode()
    venues = rhythm.Venues(
        seed=w.seed,
        key=key,
        city=city,
        zone=zones.CITY_ZONE[city],
        country=country,
        level=rhythm.level(key, tap, pop.economics[i]),
        opening=opening.indices.to_numpy().astype(np.int64),
        closed=f["closed"].copy(),
        hours=rhythm.hours_of(tuple(opening.dictionary.to_pylist())),
    )
    return f, i, tap, venues


def _fleet(w: Window) -> Fleet:
    pop = replace(w, hi=_ALWAYS).population
    f, i, tap, venues = _venues(w, pop)
    d = w.facts.table("device")
    d = d[np.lexsort((d["n"], d["loc"], d["acct"]))]
    place = np.searchsorted(_code(f["acct"], f["n"]), _code(d["acct"], d["loc"]))
    key = child_key(w.seed, "device", d["acct"], d["n"])
    environment = pop.environment[i[place]]
    k = keys.key(keys.stream_key(w.seed, "device trait"), key)
    revision = keys.choose(k, 0, np.cumsum([0.30, 0.40, 0.30])).astype(np.int64)
    loss = (
        _MEDIAN_LOSS
        + 0.45 * environment
        + 0.76 * keys.normal(k, 1)
        + np.array([0.22, 0.0, -0.22])[revision]
    )
    loss = np.clip(np.floor((loss - LOWEST_LOSS) / STEP), 0, CLASSES - 1).astype(np.int64)
    # A device added later has no end of its own: it goes with its venue.
    removed, closed = d["removed"], f["closed"][place]
    removed = np.where((closed >= 0) & ((removed < 0) | (removed > closed)), closed, removed)
    s, begin, end = spans(w.facts, d["acct"], d["installed"], removed)
    first, last = days_of(venues.zone[place[s]], begin, end)
    order = np.lexsort((begin, s))
    keep = order[first[order] <= last[order]]
    s, begin, end, first, last = (x[keep] for x in (s, begin, end, first, last))
    v, v_begin, v_end = spans(w.facts, f["acct"], f["created"], f["closed"])
    v_first, v_last = days_of(venues.zone[v], v_begin, v_end)
    begins = np.full(len(d), NEVER)
    np.minimum.at(begins, s, first)
    return Fleet(
        seed=w.seed,
        venues=venues,
        venue_acct=f["acct"].copy(),
        venue_n=f["n"].copy(),
        venue_span=np.stack([v, v_first, v_last]),
        skill=pop.skill[i],
        tap_count=tap,
        glass=rhythm.GLASS[venues.country],
        devices=Devices(
            d["acct"].copy(),
            d["n"].copy(),
            key,
            d["kind"].astype(np.int64),
            d["batch"].astype(np.int64),
            place,
            d["installed"].copy(),
            removed,
            revision,
            pop.ccy[i[place]].astype(np.int64),
        ),
        dealing=deal(place, d["kind"] == FLOW, d["installed"], begins, tap),
        device=s,
        acct=d["acct"][s],
        n=d["n"][s],
        key=key[s],
        kind=d["kind"][s].astype(np.int64),
        venue=place[s],
        batch=d["batch"][s].astype(np.int64),
        installed=d["installed"][s],
        begin=begin,
        end=np.where(end == _ALWAYS, -1, end),
        first=first,
        last=last,
        environment=environment[s],
        loss=loss[s],
        revision=revision[s],
    )


def _code(acct, n) -> np.ndarray:
    return acct.astype(np.int64) * 4096 + n
