"""iot.device_event: devices that go silent and come back, errors, and alerts opened and closed.

Everything here is also seen in the telemetry: an outage of an hour or more, an error in an
hour's `error_code`, a warm cellar in its temperatures, a cleaning that is overdue.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from taproom.world import clock, mess
from taproom.world.around import zones
from taproom.world.clock import DAY, HOUR, MINUTE, SECOND
from taproom.world.draws import ids, keys
from taproom.world.draws.arrays import ordinal
from taproom.world.render.columns import build, in_window
from taproom.world.render.iot import blocks
from taproom.world.render.iot.fleet import FLOW, Fleet, fleet_of
from taproom.world.render.iot.hourly import ERRORS
from taproom.world.render.iot.late import delivered
from taproom.world.render.iot.outages import (
    FAILED,
    Outages,
    disconnecting,
    hits,
    of_spans,
    outages,
    spells,
)
from taproom.world.render.iot.taps import wrong_clock
from taproom.world.render.iot.words import dictionary, instants
from taproom.world.window import Window

TABLE = "iot.device_event"
TYPES = ("online", "offline", "error", "alert_open", "alert_close")
ONLINE, OFFLINE, ERROR, OPEN, CLOSE = range(5)
CODES = (*ERRORS, "NO_HEARTBEAT", "DEVICE_DOWN", "TEMP_HIGH", "CLEANING_OVERDUE")
_BEAT, _DOWN, _WARM, _DIRTY = range(5, 9)
SEVERITY = ("info", "warning", "major", "critical")
OVERDUE = 14  # days after which a cleaning is overdue


@dataclass(frozen=True)
class Events:
    """Events of devices: span, instant, type, code (-1 none), severity."""

    span: np.ndarray
    at: np.ndarray
    type: np.ndarray
    code: np.ndarray
    severity: np.ndarray


def _made(span, at, type_, code, severity) -> tuple[np.ndarray, ...]:
    n = len(span)
    return tuple(np.broadcast_to(x, n) for x in (span, at, type_, code, severity))


def events(w: Window) -> Events:
    """What happened in about the window, by device and time."""
    f = fleet_of(w)
    # A window of a batch can begin before anything was there.
    first = max(w.lo // DAY, clock.FOUNDED) - 3
    last = (w.hi + 12 * HOUR) // DAY
    # Candidates for errors by the highest rate.
    gone, faulty = hits(f, first, last, disconnecting(f), (32, 3 * f.error_rate))
    o = outages(f, w.facts, first, last, gone)
    parts = [*_silences(f, o), *_errors(f, o, *faulty[:2]), *_warm(f, first, last)]
    parts += _overdue(f, first, last)
    columns = [np.concatenate(c) for c in zip(*parts, strict=True)]
    which = (columns[0] * 8 + columns[2]) * 16 + columns[3] + 1
    order = np.lexsort((which, columns[1]))
    return Events(*(c[order] for c in columns))


def _silences(f: Fleet, o: Outages):
    i = np.flatnonzero(o.end - o.start >= HOUR)
    span, start, end, failed = o.span[i], o.start[i], o.end[i], o.cause[i] == FAILED
    yield _made(span, start + 10 * MINUTE, OFFLINE, _BEAT, np.where(failed, 2, 1))
    k = keys.mix(f.key[span] ^ start.astype(np.uint64))
    yield _made(span, end + keys.below(k, 0, 110) * SECOND, ONLINE, -1, 0)
    span, start, end = span[failed], start[failed], end[failed]
    yield _made(span, start + 45 * MINUTE, OPEN, _DOWN, 3)
    yield _made(span, end + 5 * MINUTE, CLOSE, _DOWN, 0)


def _errors(f: Fleet, o: Outages, span, day):
    """The telemetry's errors, of candidates, as `Block.errors` has them."""
    if not len(span):
        return
    block = blocks.Block(f, day, span, (np.zeros(len(span)), np.zeros(len(span), np.uint64)))
    pair, slot, into, code = block.errors
    # The slots after the turned one begin an hour later or earlier.
    extra, turned = block.extra[pair], zones.turned_slot(block.zone[pair], day[pair])
    begin = block.start[pair] + (slot + extra * (slot > turned)) * HOUR
    at = begin + into
    silent = silent_hour(f, o, span[pair], begin)
    keep = ~silent
    yield _made(span[pair][keep], at[keep], ERROR, code[keep], np.where(code[keep] < 2, 1, 2))


def silent_hour(f: Fleet, o: Outages, span, begin) -> np.ndarray:
    """Whether an outage covers the whole hour from `begin` on of devices."""
    out = np.zeros(len(span), dtype=bool)
    lo = np.searchsorted(o.span, span, side="left")
    hi = np.searchsorted(o.span, span, side="right")
    row = np.flatnonzero(lo < hi)
    while len(row):
        i, at = lo[row], begin[row]
        covered = (o.start[i] <= at) & (o.end[i] >= at + HOUR)
        out[row[covered]] = True
        lo[row] += 1
        row = row[~covered & (i + 1 < hi[row])]
    return out


def _warm(f: Fleet, first: int, last: int):
    s = spells(f, first - 2, last)
    span, spell = of_spans(f, s)
    start, end = s.start[spell] + 30 * MINUTE, s.end[spell] + 10 * MINUTE
    day = zones.business_day(f.zone[span], s.start[spell])
    live = (f.first[span] <= day) & (day <= f.last[span])
    warm = f.normal["liquid"][span] + s.rise[spell] > 700
    i = np.flatnonzero(live & warm)
    yield _made(span[i], start[i], OPEN, _WARM, 2)
    yield _made(span[i], end[i], CLOSE, _WARM, 0)


def _overdue(f: Fleet, first: int, last: int):
    """An alert a flow monitor, from the fifteenth day after a cleaning to the next one."""
    every, phase, minutes = f.cleaning
    i = np.flatnonzero((f.kind == FLOW) & (every[f.venue] > OVERDUE))
    i = i[(f.first[i] <= last) & (f.last[i] >= first)]
    v = f.venue[i]
    from_day = first - (first - phase[v]) % every[v] - every[v]
    count = (last - from_day) // every[v] + 1
    row, nth = np.repeat(np.arange(len(i)), count), ordinal(count)
    cleaned = from_day[row] + nth * every[v[row]]
    for day, kind, severity in (
        (cleaned + OVERDUE + 1, OPEN, 1),
        (cleaned + every[v[row]], CLOSE, 0),
    ):
        span = i[row]
        at = zones.business_start(f.zone[span], day) + 4 * HOUR + minutes[v[row]] * MINUTE
        at += (50 if kind == CLOSE else 0) * MINUTE
        # It saw the cleaning before, and it is still there.
        keep = (cleaned >= f.first[span]) & (day <= f.last[span])
        yield _made(span[keep], at[keep], kind, _DIRTY, severity)


def stamped(w: Window, e: Events) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(key, arrival, stamp) of events; the stamp is the device's own clock, M04."""
    f = fleet_of(w)
    k = keys.key(keys.stream_key(w.seed, "device event"), f.key[e.span], e.at)
    k = keys.mix(k + (e.type * 16 + e.code + 1).astype(np.uint64) * keys.G)
    arrived = delivered(e.at + (2 + keys.below(k, 0, 50)) * SECOND)
    # What the platform itself finds out has its time: only errors are stamped by the device.
    wrong = mess.hit(w.mess, "M04", TABLE, k) & (e.type == ERROR)
    return k, arrived, np.where(wrong, wrong_clock(e.at, k), e.at)


def device_event(w: Window) -> pa.Table | None:
    """Events that arrive in the window."""
    e = events(w)
    f = fleet_of(w)
    k, arrived, at = stamped(w, e)
    i = in_window(w, arrived)
    if not len(i):
        return None
    return build(
        "device_event",
        {
            "id": ids.text_id("dve_", k[i]),
            "device_id": dictionary(f.ids, f.device[e.span[i]]),
            "at": instants(at[i]),
            "type": dictionary(TYPES, e.type[i]),
            "code": dictionary(CODES, e.code[i]),
            "severity": dictionary(SEVERITY, e.severity[i]),
        },
        arrived[i],
    )
