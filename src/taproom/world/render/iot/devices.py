"""iot.device, device_assignment, firmware_release, firmware_rollout: the fleet and its plan.

A device's row is delivered again when its state or its firmware changes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from taproom.world import clock
from taproom.world.around import firmware, zones
from taproom.world.clock import DAY, HOUR, MINUTE, SECOND
from taproom.world.draws import ids, keys
from taproom.world.render.columns import build, in_window, integer, last_of, stamp, word
from taproom.world.render.iot.fleet import FLOW, Fleet, fleet_of
from taproom.world.render.iot.late import delivered
from taproom.world.render.iot.outages import failures
from taproom.world.render.iot.words import dictionary
from taproom.world.window import Window

MODELS = ("TW-Flow", "TW-Keg", "TW-Hub")
TYPES = ("flow_monitor", "keg_sensor", "gateway")
REVISIONS = ("A", "B", "C")
STATUS = ("provisioned", "active", "faulty", "inactive", "retired")
PROVISIONED, ACTIVE, FAULTY, INACTIVE, RETIRED, SAME = range(6)
INSTALLERS = (
    "Tapwise Field Service",
    "Clearline Draught Services",
    "Cellar & Tap Ltd",
    "Northside Beverage Systems",
    "customer",
)
RESULTS = ("success", "failed", "rolled_back")


def _release_key(seed: int) -> np.ndarray:
    return keys.key(keys.stream_key(seed, "release"), firmware.releases()[1])


def released_at(seed: int) -> np.ndarray:
    """When each release is published, µs UTC: the day before the first device may run it."""
    days = firmware.releases()[1]
    return (days - 1) * DAY + 9 * HOUR + keys.below(_release_key(seed), 0, 5 * 60) * MINUTE


def firmware_release(w: Window) -> pa.Table | None:
    """Releases published in the window; of the whole company, not of an account."""
    names, _ = firmware.releases()
    k, at = _release_key(w.seed), released_at(w.seed)
    # What was out before the connector was set up came with its first run.
    arrived = delivered(np.maximum(at, clock.FOUNDED * DAY))
    i = in_window(w, arrived)
    if not len(i):
        return None
    notes = np.where(keys.chance(k, 1, 0.5), 0, 1)
    notes = np.where([n.endswith(".0") for n in names], 2, notes)
    notes = np.where([n == "3.2.0" for n in names], 3, notes)
    texts = (
        "Bug fixes and stability.",
        "Better recovery after the network was lost.",
        "New sampling of flow and temperature.",
        "Replaces 3.1, which reported too many errors. Temperatures in degrees Celsius.",
    )
    return build(
        "firmware_release",
        {"version": word(names, i), "released_at": stamp(at[i]), "notes": word(texts, notes[i])},
        arrived[i],
    )


@dataclass(frozen=True)
class Rollouts:
    """Attempts to bring a release to a device in service: span, release, instants, result."""

    span: np.ndarray
    release: np.ndarray
    started: np.ndarray
    finished: np.ndarray
    result: np.ndarray


def rollouts(fleet: Fleet, lo: int, hi: int) -> Rollouts:
    """Attempts that finish in about [lo, hi) (a day more on both sides)."""
    parts = []
    out = released_at(fleet.seed)
    for i in range(1, len(fleet.releases)):
        day = fleet.releases[i]
        span = np.flatnonzero(
            (day * DAY < hi + 5 * DAY)
            & (day * DAY > lo - 2 * DAY)
            & (fleet.first < day)
            & (day <= fleet.last)
        )
        if not len(span):
            continue
        k = keys.key(keys.stream_key(fleet.seed, "rollout"), fleet.key[span], i)
        end = zones.business_start(fleet.zone[span], day[span])
        end -= (8 + keys.below(k, 0, 60)) * MINUTE + keys.below(k, 1, 60) * SECOND
        long = (180 + keys.below(k, 2, 500)) * SECOND
        parts.append((span, np.full(len(span), i), end - long, end, np.zeros(len(span), int)))
        # One in fourteen fails at first, some nights before.
        again = np.flatnonzero(keys.chance(k, 3, 0.07))
        nights = (1 + keys.below(k[again], 4, 3)) * DAY
        there = zones.business_start(fleet.zone[span[again]], fleet.first[span[again]])
        begin = end[again] - nights - 2 * long[again]
        ok = (end[again] - nights > there) & (begin > out[i])
        again, nights, begin = again[ok], nights[ok], begin[ok]
        result = 1 + keys.below(k[again], 5, 2)
        parts.append((span[again], np.full(len(again), i), begin, end[again] - nights, result))
    if not parts:
        return Rollouts(*(np.empty(0, dtype=np.int64) for _ in range(5)))
    columns = [np.concatenate(c) for c in zip(*parts, strict=True)]
    order = np.lexsort((columns[0], columns[3]))
    return Rollouts(*(c[order] for c in columns))


def firmware_rollout(w: Window) -> pa.Table | None:
    """Attempts that were reported in the window."""
    f = fleet_of(w)
    r = rollouts(f, w.lo, w.hi)
    arrived = delivered(r.finished + MINUTE)
    i = in_window(w, arrived)
    if not len(i):
        return None
    return build(
        "firmware_rollout",
        {
            "device_id": dictionary(f.ids, f.device[r.span[i]]),
            "version": dictionary(firmware.releases()[0], r.release[i]),
            "started_at": stamp(r.started[i]),
            "finished_at": stamp(r.finished[i]),
            "result": dictionary(RESULTS, r.result[i]),
        },
        arrived[i],
    )


def device_assignment(w: Window) -> pa.Table | None:
    """Devices at venues: delivered when installed, and again when removed."""
    f = fleet_of(w)
    span = np.concatenate([np.arange(len(f)), np.flatnonzero(f.end >= 0)])
    over = np.arange(len(span)) >= len(f)
    at = np.where(over, f.end[span], f.begin[span])
    k = keys.key(keys.stream_key(w.seed, "assignment"), f.key[span])
    arrived = delivered(at + (3 + keys.below(k, 0, 40)) * MINUTE)
    i = in_window(w, arrived)
    if not len(i):
        return None
    i = i[np.lexsort((over[i], f.begin[span[i]], span[i], arrived[i]))]
    i = i[last_of((span[i],), arrived[i])]
    who = keys.choose(k, 1, np.cumsum([0.38, 0.2, 0.12, 0.15, 0.15]))
    s = span[i]
    return build(
        "device_assignment",
        {
            "device_id": dictionary(f.ids, f.device[s]),
            "location_id": dictionary(f.venue_ids, f.venue[s]),
            "installed_at": stamp(f.begin[s]),
            "removed_at": stamp(np.where(over[i], f.end[s], -1)),
            "installer": dictionary(INSTALLERS, who[i]),
        },
        arrived[i],
    )


def _versions(w: Window, f: Fleet) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Changes of devices up to the window's end: (device, at, status), sorted."""
    d = f.devices
    made = _provisioned(w, d)
    everyone = np.arange(len(d))
    ended = np.flatnonzero(f.end >= 0)
    gone = d.removed[f.device[ended]]
    retired = (gone >= 0) & (gone <= f.end[ended])
    o = failures(f, w.facts, clock.FOUNDED, w.hi // DAY + 1)
    start, back = o.start + 45 * MINUTE, (f.end[o.span] < 0) | (o.end < f.end[o.span])
    parts = [
        (everyone, made, np.full(len(d), PROVISIONED)),
        (f.device, f.begin, np.full(len(f), ACTIVE)),
        (f.device[ended], f.end[ended], np.where(retired, RETIRED, INACTIVE)),
    ]
    parts.append((f.device[o.span], start, np.full(len(start), FAULTY)))
    parts.append((f.device[o.span][back], o.end[back], np.full(back.sum(), ACTIVE)))
    r = rollouts(f, w.lo - DAY, w.hi)
    good = r.result == 0
    parts.append((f.device[r.span[good]], r.finished[good], np.full(good.sum(), SAME)))
    device, at, state = (np.concatenate(c) for c in zip(*parts, strict=True))
    keep = at < w.hi
    device, at, state = device[keep], at[keep], state[keep]
    order = np.lexsort((state, at, device))
    device, at, state = device[order], at[order], state[order]
    # A change of firmware leaves the status as it was.
    known = np.maximum.accumulate(np.where(state == SAME, 0, np.arange(len(state))))
    return device, at, state[known]


def device(w: Window) -> pa.Table | None:
    """Devices as the platform knows them, a row a change of status or firmware."""
    f = fleet_of(w)
    which, at, state = _versions(w, f)
    k = keys.key(keys.stream_key(w.seed, "device row"), f.devices.key[which], at)
    updated = at + keys.below(k, 0, 50) * SECOND
    arrived = delivered(updated)
    i = in_window(w, arrived)
    if not len(i):
        return None
    i = i[last_of((which[i],), arrived[i])]
    i = i[np.lexsort((which[i], arrived[i]))]
    d = which[i]
    v = f.devices
    release = _release_at(f, d, at[i])
    seen = np.where(state[i] == PROVISIONED, -1, at[i] // MINUTE * MINUTE)
    serial = ids.number(v.key)
    return build(
        "device",
        {
            "id": dictionary(f.ids, d),
            "serial_number": pa.array(serial[d] % 10**10).cast(pa.string()),
            "device_type": dictionary(TYPES, v.kind[d]),
            "model": dictionary(
                tuple(f"{m} {g}" for m in MODELS for g in (1, 2)),
                v.kind[d] * 2 + (v.revision[d] == 2),
            ),
            "hardware_rev": dictionary(REVISIONS, v.revision[d]),
            "batch": dictionary(tuple(f"B{i:02d}" for i in range(40)), v.batch[d]),
            "firmware_version": dictionary(firmware.releases()[0], release),
            "lines_monitored": integer(_lines_at(f, d, at[i]), pa.int32(), v.kind[d] != FLOW),
            "provisioned_at": stamp(_provisioned(w, v)[d]),
            "status": dictionary(STATUS, state[i]),
            "last_seen_at": stamp(seen),
            "updated_at": stamp(updated[i]),
        },
        arrived[i],
    )


def _provisioned(w: Window, d) -> np.ndarray:
    k = keys.key(keys.stream_key(w.seed, "provision"), d.key)
    return d.installed - (2 + keys.below(k, 0, 17)) * HOUR - keys.below(k, 1, 60) * MINUTE


def _lines_at(f: Fleet, device, at) -> np.ndarray:
    """Lines that devices watch at instants, as dealt on the business day that begins next."""
    venue = f.devices.venue[device]
    return f.dealing.lines_of(device, venue, zones.business_day(f.venues.zone[venue], at) + 1)


def _release_at(f: Fleet, device, at) -> np.ndarray:
    """Release that devices run at instants; a rollout shortly before 06:00 counts."""
    zone = f.venues.zone[f.devices.venue[device]]
    day = zones.business_day(zone, at + 90 * MINUTE)
    out = np.empty(len(device), dtype=np.int64)
    for a in range(0, len(device), 65_536):
        some = slice(a, a + 65_536)
        first = firmware.first_days(f.devices.key[device[some]])
        out[some] = (first <= day[some]).sum(axis=0) - 1
    return out
