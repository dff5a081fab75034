"""iot.device_telemetry_hourly: what each device reported of each hour.

A silent hour has a row without readings. A device that buffers sends that hour again when it is
back: a second row of the same hour, with another `ingested_at`, which holds its pours.

Bits of a slot's key: 0-11 lateness, 12-18 transit, 19-26 room, 28-39 liquid, 40-51 volume,
52-63 pressure; 24-31 signal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from taproom.world import clock
from taproom.world.around import firmware
from taproom.world.clock import DAY, HOUR
from taproom.world.render.iot import blocks, late, sensors
from taproom.world.render.iot.blocks import BEATS, SLOTS, Block
from taproom.world.render.iot.fleet import GATEWAY, Fleet, fleet_of
from taproom.world.render.iot.outages import Cut, Outages, Spells, cut, of_spans, outages, spells
from taproom.world.render.iot.words import dictionary, instants
from taproom.world.venues import rhythm
from taproom.world.window import Window

ERRORS = ("E11_FLOW_SENSOR", "E21_TEMP_SENSOR", "E31_VALVE", "E41_NETWORK", "E51_MEMORY")
STATUS = ("online", "degraded", "offline", "buffered")
SIZE = 8_192  # pairs a block


@dataclass
class Ground:
    """What every block of a window needs: fleet, outages and spells cut by day, defects."""

    fleet: Fleet
    first: int
    last: int
    out: Outages
    pieces: Cut
    warm: tuple[Spells, np.ndarray, np.ndarray]
    warm_pieces: Cut
    wrong: sensors.Defects
    wrong_days: tuple[np.ndarray, np.ndarray]


def ground(w: Window) -> Ground:
    """Made once for all tables that look at the same days."""
    first, last = late.first_day(w.lo), late.last_day(w.hi)
    return w.once(("iot", "ground"), lambda: _ground(w, first, last))


def _ground(w: Window, first: int, last: int) -> Ground:
    fleet = fleet_of(w)
    out = outages(fleet, w.facts, first, last)
    s = spells(fleet, first, last)
    span, spell = of_spans(fleet, s)
    wrong = sensors.defects(fleet, w.mess, first, last)
    return Ground(
        fleet,
        first,
        last,
        out,
        cut(fleet, out.span, out.start, out.end, first, last),
        (s, span, spell),
        cut(fleet, span, s.start[spell], s.end[spell], first, last),
        wrong,
        sensors.by_day(fleet, wrong, first, last),
    )


def warmth(g: Ground, block: Block) -> tuple[np.ndarray, np.ndarray]:
    """Warm cellars of a block: (pair, minutes by slot (…, 24)), and the rise by pair."""
    at, piece = block.among(g.warm_pieces.code)
    source = g.warm_pieces.source[piece]
    s, _, spell = g.warm
    j = spell[source]
    begin, length = blocks.slot_spans(block, at)
    overlap = np.minimum(s.end[j][:, None], begin + length) - np.maximum(s.start[j][:, None], begin)
    return at, np.clip(overlap, 0, None) // clock.MINUTE, s.rise[j]


@dataclass
class Rows:
    """Rows of a block: pair, slot, key, begin of the hour; which ones are silent."""

    pair: np.ndarray
    slot: np.ndarray
    key: np.ndarray
    at: np.ndarray
    twin: np.ndarray


def rows_of(block: Block) -> Rows:
    """A row an hour: 24 a pair, 23 or 25 where the clock turned."""
    n = len(block)
    key = block.slot_keys()
    if not block.extra.any():
        at = block.start[:, None] + np.arange(SLOTS) * HOUR
        pair = np.repeat(np.arange(n), SLOTS)
        slot = np.tile(np.arange(SLOTS), n)
        return Rows(pair, slot, key.ravel(), at.ravel(), np.zeros(0, dtype=np.int64))
    begin, length = blocks.slot_spans(block, np.arange(n))
    count = (length // HOUR).ravel()
    cell = np.repeat(np.arange(n * SLOTS), count)
    second = np.r_[False, cell[1:] == cell[:-1]]
    k = key.ravel()[cell]
    k[second] ^= np.uint64(0x5EC0)
    at = begin.ravel()[cell] + second * HOUR
    return Rows(
        cell // SLOTS,
        cell % SLOTS,
        k,
        at,
        np.flatnonzero(second),
    )


@dataclass
class Hours:
    """The hours of a block with what was counted in them; arrays one a row of `rows`.

    pours, ml: -1 where the device has no flow sensor. silent: no heartbeat came. flush: when
    what a silent hour measured was sent (µs UTC), -1 where it was lost or nothing was silent.
    """

    rows: Rows
    lost: np.ndarray
    pours: np.ndarray
    ml: np.ndarray
    silent: np.ndarray
    flush: np.ndarray


def hours_of(g: Ground, block: Block) -> Hours:
    """Count everything of a block's hours."""
    r = rows_of(block)
    lost = block.lost().astype(np.int64)
    quiet = blocks.silence(block, g.out, g.pieces)
    n = len(block)
    pours = np.full((n, SLOTS), -1, dtype=np.int64)
    ml = np.full((n, SLOTS), -1, dtype=np.int64)
    flow = block.flow
    pours[flow] = block.counts
    ml[flow] = block.volumes(np.arange(len(flow)), block.slot_keys(flow))
    flush = np.full((n, SLOTS), -1, dtype=np.int64)
    gone = np.zeros((n, SLOTS), dtype=bool)
    if len(quiet.pair):
        lost[quiet.pair] += quiet.lost
        flush[quiet.pair], gone[quiet.pair] = quiet.flush, quiet.gone
    lost, pours, ml, flush, gone = (x.ravel() for x in (lost, pours, ml, flush, gone))
    if block.extra.any():
        lost, pours, ml, flush, gone = _turned(r, lost, pours, ml, flush, gone)
    silent = lost >= BEATS
    lost = np.minimum(lost, BEATS)
    return Hours(r, lost, pours, ml, silent, np.where(silent & ~gone & (flush > 0), flush, -1))


def _turned(r: Rows, lost, pours, ml, flush, gone):
    """Share an hour that comes twice between its two rows; drop one that does not come."""
    cell = r.pair * SLOTS + r.slot
    out = [x.take(cell) for x in (lost, pours, ml, flush, gone)]
    b, a = r.twin, r.twin - 1
    for i in (1, 2):
        whole = out[i][a]
        out[i][a] = np.where(whole < 0, -1, (whole + 1) // 2)
        out[i][b] = np.where(whole < 0, -1, whole // 2)
    # A glass cannot be split: no volume without a pour.
    whole = out[2][a] + np.maximum(out[2][b], 0)
    none = out[1][b] == 0
    out[2][a], out[2][b] = np.where(none, whole, out[2][a]), np.where(none, 0, out[2][b])
    return out


def device_telemetry_hourly(w: Window) -> pa.Table | None:
    """Rows that arrive in the window."""
    parts = list(_parts(w))
    first = [p for p, _ in parts if p is not None]
    again = [p for _, p in parts if p is not None]
    return pa.Table.from_batches(first + again) if first or again else None


def _parts(w: Window):
    g = ground(w)
    for block in blocks.blocks(g.fleet, g.first, g.last, SIZE):
        if block.start.min() >= w.hi:
            continue
        if block.start.max() < w.lo - 2 * DAY:
            # Days ago, so nothing but what came late: few devices.
            block = block.part(overdue_pairs(w, block))
            if not len(block):
                continue
        h = hours_of(g, block)
        r = h.rows
        ingested = r.at + HOUR + late.transit(r.key)
        # The platform itself writes the row of a silent hour, so that it is never late.
        is_late = late.is_late(w.mess, late.HOURLY, rhythm.bits(r.key, 0, 12))
        overdue = np.flatnonzero(is_late & ~h.silent)
        ingested[overdue] += late.delay(r.key[overdue])
        arrived = late.delivered(ingested)
        keep = np.flatnonzero((arrived >= w.lo) & (arrived < w.hi))
        if len(keep) == len(arrived):
            keep = slice(None)
        first = _batch(w, g, block, h, keep, ingested[keep], arrived[keep], False)
        flushed = np.flatnonzero((h.flush >= 0) & (h.pours >= 0))
        ingested = np.maximum(h.flush[flushed], r.at[flushed] + HOUR)
        ingested += late.transit(r.key[flushed]) + 30 * clock.SECOND
        arrived = late.delivered(ingested)
        inside = (arrived >= w.lo) & (arrived < w.hi)
        keep = flushed[inside]
        yield first, _batch(w, g, block, h, keep, ingested[inside], arrived[inside], True)


def overdue_pairs(w: Window, block: Block) -> np.ndarray:
    """Pairs of days ago with an hour that came so late that it may arrive in the window."""
    key = block.slot_keys()
    pair, slot = np.nonzero(late.is_late(w.mess, late.HOURLY, rhythm.bits(key, 0, 12)))
    due = block.start[pair] + slot * HOUR + late.delay(key[pair, slot])
    return np.unique(pair[(due >= w.lo - 6 * HOUR) & (due < w.hi + 2 * HOUR)])


def _batch(w, g: Ground, block: Block, h: Hours, keep, ingested, arrived, again: bool):
    """Columns of the rows `keep`; `again` for those sent when the device was back."""
    if not len(arrived):
        return None
    r, f = h.rows, g.fleet
    pair, slot, key, at = r.pair[keep], r.slot[keep], r.key[keep], r.at[keep]
    beats = BEATS - h.lost[keep]
    silent = h.silent[keep] & (not again)
    room = (sensors.ambient(f, block.span, block.day) - 128).take(pair)
    room += sensors.by_hour().take(slot)
    room += rhythm.bits(key, 19, 8)
    liquid = liquid_of(g, block, pair, slot, key, room)
    pressure = f.normal["pressure"][block.span].take(pair)
    pressure += _normal(28).take(rhythm.bits(key, 52, 12))
    no_liquid = silent | (f.kind[block.span] == GATEWAY).take(pair)
    temp, temp_c = drifted(arrived, liquid, no_liquid)
    pours, ml = h.pours[keep], h.ml[keep]
    uncounted = silent | (pours < 0)
    status = np.where(silent, 2, np.where(beats < 54, 1, 0)) if not again else 3
    error = _errors(block, pair, slot, h.silent[keep])
    if len(r.twin):
        error[np.isin(np.arange(len(r.key))[keep], r.twin)] = -1
    return pa.record_batch(
        {
            "device_id": dictionary(f.ids, f.device[block.span].astype(np.int32).take(pair)),
            "reported_at": instants(at),
            "status": dictionary(STATUS, np.broadcast_to(status, len(arrived))),
            "expected_heartbeats": pa.array(np.full(len(arrived), BEATS, dtype=np.int32)),
            "heartbeats": pa.array(beats.astype(np.int32)),
            "temp": temp,
            "liquid_temp_c": temp_c,
            "ambient_temp_c": sensors.decimals(room, silent),
            "line_pressure_psi": sensors.decimals(pressure, no_liquid),
            "rssi_dbm": pa.array(
                ((f.normal["rssi"][block.span] - 4).take(pair) + rhythm.bits(key, 24, 3)).astype(
                    np.int32
                ),
                mask=silent,
            ),
            "cpu_temp_c": sensors.decimals(room + 1_750 + rhythm.bits(key, 28, 8), silent),
            "pour_count": pa.array(pours.astype(np.int32), mask=uncounted),
            "pour_volume_ml": pa.array(ml.astype(np.int32), mask=uncounted),
            "error_code": dictionary(ERRORS, error),
            "firmware_version": dictionary(
                firmware.releases()[0], block.release.astype(np.int32).take(pair)
            ),
            "ingested_at": instants(ingested),
            "_arrived_at": instants(arrived),
        }
    )


_NORMALS: dict[int, np.ndarray] = {}


def _normal(sd: int) -> np.ndarray:
    if sd not in _NORMALS:
        _NORMALS[sd] = np.rint(sd * rhythm.quantile(np.arange(4096))).astype(np.int64)
    return _NORMALS[sd]


def liquid_of(g: Ground, block: Block, pair, slot, key, room) -> np.ndarray:
    """Temperature of the beer as the sensor gives it, 1/100 degrees Celsius."""
    liquid = room - 1_900
    liquid >>= 5
    liquid += g.fleet.normal["liquid"][block.span].take(pair)
    liquid += _normal(22).take(rhythm.bits(key, 28, 12))
    at, minutes, rise = warmth(g, block)
    if len(at):
        extra = np.zeros((len(block), SLOTS), dtype=np.int64)
        np.add.at(extra, at, minutes * rise[:, None] // 60)
        liquid += extra.ravel().take(pair * SLOTS + slot)
    wrong, piece = block.among(g.wrong_days[0])
    if len(wrong):
        of_pair = np.full(len(block), -1)
        of_pair[wrong] = g.wrong_days[1][piece]
        which = of_pair.take(pair)
        row = np.flatnonzero(which >= 0)
        liquid[row] = sensors.damage(g.wrong, which[row], liquid[row])
    return liquid


def drifted(arrived, liquid, null) -> tuple[pa.Array, pa.Array]:
    """`temp` in Fahrenheit as delivered before the drift, `liquid_temp_c` after it."""
    old = arrived < clock.DRIFT_TELEMETRY_CELSIUS * DAY
    if not old.any():
        return pa.nulls(len(arrived), pa.float64()), sensors.decimals(liquid, null)
    before = sensors.decimals(sensors.fahrenheit(liquid), null | ~old)
    return before, sensors.decimals(liquid, null | old)


def _errors(block: Block, pair, slot, silent) -> np.ndarray:
    at, where, _, code = block.errors
    table = np.full((len(block), SLOTS), -1, dtype=np.int8)
    table[at, where] = code
    out = table.ravel().take(pair * SLOTS + slot)
    out[silent] = -1
    return out
