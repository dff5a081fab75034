"""iot.work_order: installations, repairs of failed devices, and maintenance that was planned.

An order is delivered again when its status changes. A repair is opened by the outage of its
device and closed when the device is back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from taproom.world import clock
from taproom.world.clock import DAY, HOUR, MINUTE, SECOND
from taproom.world.draws import ids, keys
from taproom.world.facts import CURRENCIES
from taproom.world.render.columns import build, in_window, integer, last_of, stamp
from taproom.world.render.iot.fleet import FLOW, GATEWAY, Fleet, fleet_of
from taproom.world.render.iot.late import delivered
from taproom.world.render.iot.outages import failures
from taproom.world.render.iot.words import dictionary, hundredths
from taproom.world.window import Window

TYPES = ("installation", "repair", "preventive")
PRIORITY = ("low", "normal", "high")
STATUS = ("open", "dispatched", "on_site", "closed", "cancelled")
#: By the failure's mode, as truth_device_failure has it.
CAUSES = ("power_supply", "flow_sensor_batch", "network_module", "firmware", "installed", "worn")
EVERY = 450  # days between two preventive visits


@dataclass(frozen=True)
class Orders:
    """Work orders; -1 where a step is not taken. `cancelled` excludes `closed`."""

    key: np.ndarray
    device: np.ndarray
    type: np.ndarray
    opened: np.ndarray
    dispatched: np.ndarray
    arrived: np.ndarray
    closed: np.ndarray
    cancelled: np.ndarray
    cause: np.ndarray


def _repairs(w: Window, f: Fleet):
    o = failures(f, w.facts, clock.FOUNDED, w.hi // DAY + 1)
    k = keys.key(keys.stream_key(w.seed, "work order repair"), f.key[o.span], o.start)
    took = o.end - o.start
    opened = o.start + np.minimum(45 * MINUTE, took // 4)
    part = lambda n, a, b: a + (b - a) * (keys.u32(k, n) / float(1 << 32))  # noqa: E731
    sent = opened + ((took * part(0, 0.05, 0.4)) // SECOND).astype(np.int64) * SECOND
    there = sent + (((o.end - sent) * part(1, 0.3, 0.8)) // SECOND).astype(np.int64) * SECOND
    never = np.full(len(k), -1)
    yield k, f.device[o.span], np.ones(len(k), int), opened, sent, there, o.end, never, o.mode


def _installations(w: Window, f: Fleet):
    d = f.devices
    first = np.flatnonzero(np.r_[True, d.venue[1:] != d.venue[:-1]]) if len(d) else np.empty(0, int)
    k = keys.key(keys.stream_key(w.seed, "work order installation"), d.key[first])
    done = d.installed[first]
    opened = done - (8 + keys.below(k, 0, 12)) * HOUR
    there = done - (40 + keys.below(k, 1, 120)) * MINUTE
    never = np.full(len(k), -1)
    yield k, first, np.zeros(len(k), int), opened, never, there, done, never, np.full(len(k), 4)


def _visits(w: Window, f: Fleet):
    """Each device about every 450 days; called off where the device leaves before the day."""
    now = w.hi // DAY
    for n in range(1, 2 + max(0, now - clock.FOUNDED) // EVERY):
        k = keys.key(keys.stream_key(w.seed, "work order visit"), f.key, n)
        day = f.begin // DAY + EVERY * n + keys.below(k, 0, 60) - 45
        opened = day * DAY - (5 + keys.below(k, 1, 4)) * DAY + 15 * HOUR
        there = day * DAY + (13 + keys.below(k, 2, 6)) * HOUR + keys.below(k, 3, 60) * MINUTE
        closed = there + (25 + keys.below(k, 4, 70)) * MINUTE
        i = np.flatnonzero((opened < w.hi) & ((f.end < 0) | (f.end > opened)))
        gone = (f.end[i] >= 0) & (f.end[i] <= closed[i])
        never = np.full(len(i), -1)
        yield (
            k[i],
            f.device[i],
            np.full(len(i), 2),
            opened[i],
            never,
            np.where(gone, -1, there[i]),
            np.where(gone, -1, closed[i]),
            np.where(gone, f.end[i] + 2 * HOUR, -1),
            np.full(len(i), 5),
        )


def orders(w: Window) -> Orders:
    """Every order opened before the window's end, by opening."""
    f = fleet_of(w)
    parts = [*_repairs(w, f), *_installations(w, f), *_visits(w, f)]
    columns = [np.concatenate(c) for c in zip(*parts, strict=True)]
    order = np.lexsort((columns[0], columns[3]))
    return Orders(*(c[order] for c in columns))


def work_order(w: Window) -> pa.Table | None:
    """Orders that were opened or moved on in the window."""
    f = fleet_of(w)
    o = orders(w)
    steps = np.stack([o.opened, o.dispatched, o.arrived, o.closed, o.cancelled], axis=1)
    row, status = np.nonzero((steps >= 0) & (steps < w.hi))
    at = steps[row, status]
    # An installation is written down when the crew is there, and when it is done.
    skip = (o.type[row] != 1) & (status == 2)
    row, status, at = row[~skip], status[~skip], at[~skip]
    k = keys.mix(o.key[row] + status.astype(np.uint64) * keys.G)
    arrived = delivered(at + keys.below(k, 0, 120) * SECOND)
    i = in_window(w, arrived)
    if not len(i):
        return None
    i = i[np.lexsort((status[i], row[i], arrived[i]))]
    i = i[last_of((row[i],), arrived[i])]
    row, status, at, arrived = row[i], status[i], at[i], arrived[i]

    def so_far(step):
        known = step[row]
        return stamp(np.where(known <= at, known, -1))

    d = o.device[row]
    over = status >= 3
    k = keys.mix(o.key[row])
    worn = np.where(o.type[row] == 1, 60 + keys.below(k, 0, 240), keys.below(k, 0, 35))
    cost = np.where(status == 4, 0, worn * 100 + keys.below(k, 1, 100))
    yen = f.devices.currency[d] == CURRENCIES.index("JPY")
    cost = np.where(yen, cost // 100 * 15_000, cost)
    minutes = np.where(o.type[row] == 0, 60, 15) + keys.below(k, 2, 90)
    kind = f.devices.kind[d]
    priority = np.where(o.type[row] == 1, np.where((kind == FLOW) | (kind == GATEWAY), 2, 1), 0)
    priority = np.where(o.type[row] == 0, 1, priority)
    return build(
        "work_order",
        {
            "id": ids.text_id("wo_", o.key[row]),
            "device_id": dictionary(f.ids, d),
            "location_id": dictionary(f.venue_ids, f.devices.venue[d]),
            "type": dictionary(TYPES, o.type[row]),
            "priority": dictionary(PRIORITY, priority),
            "status": dictionary(STATUS, status),
            "opened_at": so_far(o.opened),
            "dispatched_at": so_far(o.dispatched),
            "arrived_at": so_far(o.arrived),
            "closed_at": so_far(o.closed),
            "root_cause": dictionary(CAUSES, np.where(status == 3, o.cause[row], -1)),
            "parts_cost": hundredths(cost, ~over),
            "labour_minutes": integer(np.where(status == 4, 0, minutes), pa.int32(), ~over),
            "currency": dictionary(CURRENCIES, f.devices.currency[d]),
        },
        arrived,
    )
