"""iot.tap_event: every pour a flow monitor recorded, and every flush of a line.

The pours of an hour are those the hour's telemetry counts, and their volumes sum to its volume.
Defects: M01 with the hour, M02 exact and M03 near duplicates, M04 clocks gone wrong. Bits of a
pour's key: 0-19 time (its low ten choose the defect), 20-31 volume, 32-43 duration, 44-55
temperature, 56-63 line.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from taproom.world import clock
from taproom.world.clock import DAY, HOUR, SECOND
from taproom.world.draws import keys
from taproom.world.render.iot import blocks, cleaning, late, sensors
from taproom.world.render.iot.blocks import Block
from taproom.world.render.iot.fleet import FLOW
from taproom.world.render.iot.hourly import Ground, ground, hours_of, liquid_of, overdue_pairs
from taproom.world.render.iot.words import dictionary, instants
from taproom.world.venues import rhythm
from taproom.world.window import Window

TABLE = "iot.tap_event"
SIZE = 2_048  # pairs a block
_SECOND_ID = np.uint64(0x7A9)
_G = int(keys.G)


@dataclass
class Pours:
    """Pours that arrive in a window: row of the hours, key, and the columns as numbers."""

    span: np.ndarray
    lines: np.ndarray
    key: np.ndarray
    at: np.ndarray
    ml: np.ndarray
    liquid: np.ndarray
    pressure: np.ndarray
    ingested: np.ndarray
    on_time: np.ndarray
    arrived: np.ndarray
    cleaning: bool

    def take(self, i) -> Pours:
        columns = (self.span, self.lines, self.key, self.at, self.ml, self.liquid, self.pressure)
        rest = (self.ingested, self.on_time, self.arrived)
        return Pours(*(x[i] for x in (*columns, *rest)), self.cleaning)

    def __len__(self) -> int:
        return len(self.span)


def pours(w: Window):
    """Blocks of pours that arrive in the window, without defects but for lateness."""
    g = ground(w)
    for block in blocks.blocks(g.fleet, g.first, g.last, SIZE):
        if block.start.min() >= w.hi:
            continue
        block = block.part(block.flow)
        if len(block) and block.start.max() < w.lo - 2 * DAY:
            block = block.part(overdue_pairs(w, block))
        if len(block):
            part = _pours(w, g, block)
            if len(part):
                yield part


def _pours(w: Window, g: Ground, block: Block) -> Pours:
    h = hours_of(g, block)
    r = h.rows
    is_late = late.is_late(w.mess, late.HOURLY, rhythm.bits(r.key, 0, 12))
    delay = np.zeros(len(r.key), dtype=np.int64)
    overdue = np.flatnonzero(is_late)
    delay[overdue] = late.delay(r.key[overdue])
    # When the hour's pours can arrive: bounds, so that others are never made.
    soonest = np.where(h.flush >= 0, h.flush, r.at + delay)
    latest = np.where(h.flush >= 0, h.flush, r.at + delay + HOUR) + 10 * clock.MINUTE
    recorded = (h.pours > 0) & (~h.silent | (h.flush >= 0))
    i = np.flatnonzero(recorded & (soonest < w.hi) & (latest >= w.lo))
    n = h.pours[i]
    row = np.repeat(np.arange(len(i)), n)
    first = np.cumsum(n) - n
    order = np.arange(len(row)) - first[row]
    key = r.key[i][row]
    key += (order + 2).astype(np.uint64) * keys.G
    key = keys.mix(key)
    pair = r.pair[i]
    # Evenly over the open part of the hour, each at a keyed place in its share of it.
    hours = g.fleet.venues.hours
    table_row = block.hours_row[pair]
    offset = hours.offset[table_row, r.slot[i]]
    length = hours.length[table_row, r.slot[i]]
    offset, length = np.where(length > 0, offset, 0), np.where(length > 0, length, 3_600)
    step = length * 1_000.0 / n
    place = order + (key & np.uint64(0xFFFFF)) * (1.0 / (1 << 20))
    at = (place * step[row]).astype(np.int64)
    at += (r.at[i] // 1_000 + offset * 1_000)[row]
    at *= 1_000
    transit = ((key >> np.uint64(40)) & np.uint64(15)).view(np.int64) * SECOND + 1_200_000
    ingested = np.where((h.flush[i] >= 0)[row], (h.flush[i] + late.transit(r.key[i]))[row], at)
    ingested += transit
    on_time = ingested.copy()
    ingested += delay[i][row] * (h.flush[i] < 0)[row]
    arrived = late.delivered(ingested)
    f, span = g.fleet, block.span[pair]
    room = sensors.ambient(g.fleet, block.span, block.day)[pair] + sensors.by_hour()[r.slot[i]]
    liquid = liquid_of(g, block, pair, r.slot[i], r.key[i], room)
    pressure = g.fleet.normal["pressure"][span]
    out = Pours(
        span.astype(np.int32)[row],
        f.dealing.lines_of(f.device[span], f.venue[span], block.day[pair])[row],
        key,
        at,
        _volumes(key, row, first, n, h.ml[i], g.fleet.glass[block.venue[pair]]),
        (liquid + 10)[row] + _small(12)[rhythm.bits(key, 44, 12)],
        pressure[row] + _small(35)[rhythm.bits(key, 36, 12)],
        ingested,
        on_time,
        arrived,
        False,
    )
    inside = (arrived >= w.lo) & (arrived < w.hi)
    return out if inside.all() else out.take(np.flatnonzero(inside))


def _volumes(key, row, first, n, total, glass) -> np.ndarray:
    """Volumes that sum to the hours': each about a glass, rounded on the running sum."""
    drawn = _glass()[rhythm.bits(key, 20, 12)]
    drawn *= glass.astype(np.float64)[row]
    running = np.cumsum(drawn)
    before = np.r_[0.0, running][first]
    end = running[first + n - 1]
    each = (total - (end - before)) / n
    running -= before[row]
    running += (np.arange(len(row)) - first[row] + 1) * each[row]
    out = np.rint(running).astype(np.int32)
    whole = out.copy()
    out[1:] -= whole[:-1]
    out[first] = whole[first]
    return out


_TABLES: dict[object, np.ndarray] = {}


def _small(sd: int) -> np.ndarray:
    if sd not in _TABLES:
        _TABLES[sd] = np.rint(sd * rhythm.quantile(np.arange(4096))).astype(np.int64)
    return _TABLES[sd]


def _glass() -> np.ndarray:
    if "glass" not in _TABLES:
        _TABLES["glass"] = 1 + rhythm.POUR_SD * rhythm.quantile(np.arange(4096))
    return _TABLES["glass"]


def flushes(w: Window) -> Pours | None:
    """Cleanings that arrive in the window: one long flow a line; none of a silent device."""
    g = ground(w)
    f = g.fleet
    every, phase, _ = f.cleaning
    days = np.arange(g.first, g.last + 1)
    spans = np.flatnonzero((f.kind == FLOW) & (f.first <= g.last) & (f.last >= g.first))
    venue = f.venue[spans]
    due = (days[:, None] - phase[venue]) % every[venue] == 0
    due &= (f.first[spans] <= days[:, None]) & (days[:, None] <= f.last[spans])
    i, j = np.nonzero(due)
    if not len(i):
        return None
    lines = f.dealing.lines_of(f.device[spans[j]], f.venue[spans[j]], days[i])
    row = np.repeat(np.arange(len(i)), lines)
    line = np.arange(len(row)) - (np.cumsum(lines) - lines)[row]
    span, day = spans[j][row], days[i][row]
    at = cleaning.begins(f, f.venue[span], day, line)
    k = keys.mix(blocks.day_key(f, span, day) + (line + 77).astype(np.uint64) * keys.G)
    # The low byte holds the line here, so that each line is flushed once.
    low = np.uint64((1 << 56) - 1)
    k = (k & low) | (line.astype(np.uint64) << np.uint64(56))
    ingested = at + 45 * SECOND + keys.below(k, 0, 20) * SECOND
    arrived = late.delivered(ingested)
    inside = (arrived >= w.lo) & (arrived < w.hi) & ~_silent(g, span, at)
    n = np.flatnonzero(inside)
    out = Pours(
        span.astype(np.int32),
        line,
        k,
        at,
        (1_250 + keys.below(k, 1, 900)).astype(np.int32),
        f.normal["liquid"][span] + 900 + keys.below(k, 2, 400),
        f.normal["pressure"][span] - 150,
        ingested,
        ingested,
        arrived,
        True,
    )
    return out.take(n)


def _silent(g: Ground, span, at) -> np.ndarray:
    """Whether devices are silent at instants."""
    out = np.zeros(len(span), dtype=bool)
    touched = np.flatnonzero(np.isin(span, g.out.span))
    if len(touched):
        code = np.searchsorted(g.out.span, span[touched], side="left")
        stop = np.searchsorted(g.out.span, span[touched], side="right")
        most = int((stop - code).max())
        for j in range(most):
            o = np.minimum(code + j, len(g.out.span) - 1)
            hit = (code + j < stop) & (g.out.start[o] <= at[touched]) & (at[touched] < g.out.end[o])
            out[touched] |= hit
    return out


@dataclass
class Damage:
    """Which pours of a block each defect hits."""

    twice: np.ndarray
    near: np.ndarray
    clock: np.ndarray


def damage(w: Window, p: Pours) -> Damage:
    """M02, M03, M04 by the low ten bits of the keys; a pour has one defect at most."""
    low = (p.key & np.uint64(0x3FF)).view(np.int64)
    a = late.threshold(w.mess, "M02", TABLE, 10)
    b = a + late.threshold(w.mess, "M03", TABLE, 10)
    c = b + late.threshold(w.mess, "M04", TABLE, 10)
    hit = np.flatnonzero(low < c)
    kind = low[hit]
    return Damage(hit[kind < a], hit[(kind >= a) & (kind < b)], hit[kind >= b])


def wrong_clock(at, key) -> np.ndarray:
    """Stamps of clocks that lost the time: they count from 1970, or run a year ahead."""
    ahead = (key >> np.uint64(12)) & np.uint64(3) == 0
    return np.where(ahead, at + 366 * DAY, at % (40 * DAY))


def tap_event(w: Window) -> pa.Table | None:
    """Rows of tap_event that arrive in the window."""
    whole, extra = [], []
    flushed = flushes(w)
    for p in (*pours(w), *([flushed] if flushed is not None and len(flushed) else [])):
        d = damage(w, p)
        whole.append(_batch(w, p, d))
        if len(d.twice):
            extra.append(_batch(w, p.take(d.twice), None))
        if len(d.near):
            again = p.take(d.near)
            shift = (keys.below(keys.mix(again.key), 0, 8) - 4) * (SECOND // 2)
            again.at = again.at + np.where(shift < 0, shift, shift + SECOND // 2)
            extra.append(_batch(w, again, None, near=True))
    return pa.Table.from_batches(whole + extra) if whole else None


def event_id(key, near: bool = False) -> np.ndarray:
    """Identifier of a pour: positive 63 bits of another hash, so that it tells nothing of it."""
    salt = _SECOND_ID + np.uint64(near)
    return (keys.mix(key ^ salt) >> np.uint64(1)).view(np.int64)


def _batch(w: Window, p: Pours, d: Damage | None, near: bool = False) -> pa.RecordBatch:
    f = ground(w).fleet
    at = p.at
    if d is not None and len(d.clock):
        at = at.copy()
        at[d.clock] = wrong_clock(at[d.clock], p.key[d.clock])
    draw = (p.key >> np.uint64(56)).view(np.int64)
    line = draw + 1 if p.cleaning else (draw * p.lines >> 8) + 1
    pace = 17.2 + _pace()[rhythm.bits(p.key, 32, 12)] if not p.cleaning else 24.0
    return pa.record_batch(
        {
            "event_id": pa.array(event_id(p.key, near)),
            "device_id": dictionary(f.ids, f.device[p.span]),
            "line_no": pa.array(line.astype(np.int32)),
            "event_at": instants(at),
            "volume_ml": pa.array(p.ml),
            "pour_ms": pa.array((p.ml * pace).astype(np.int32)),
            "liquid_temp_c": sensors.decimals(p.liquid),
            "line_pressure_psi": sensors.decimals(p.pressure),
            "is_cleaning": pa.repeat(p.cleaning, len(p)),
            "ingested_at": instants(p.ingested),
            "_arrived_at": instants(p.arrived),
        }
    )


def _pace() -> np.ndarray:
    if "pace" not in _TABLES:
        _TABLES["pace"] = 1.1 * rhythm.quantile(np.arange(4096))
    return _TABLES["pace"]
