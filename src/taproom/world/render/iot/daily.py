"""iot.device_telemetry_daily: what each device reported of each local business day.

The day's figures are sums of its hours. Where nothing was silent and no clock turned they are
known without making the hours; else the hours are made. Bits of a day's second key: 0-11
lateness, 12-22 transit, 23-30 room, 28-39 liquid, 40-51 pressure, 52-55 signal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from taproom.world.around import firmware, zones
from taproom.world.clock import HOUR, MINUTE, SECOND
from taproom.world.draws import keys
from taproom.world.render.iot import blocks, cleaning, late, sensors
from taproom.world.render.iot.blocks import BEATS, SLOTS, Block
from taproom.world.render.iot.fleet import FLOW, GATEWAY
from taproom.world.render.iot.hourly import Ground, drifted, ground, hours_of, warmth
from taproom.world.render.iot.outages import FAILED
from taproom.world.render.iot.words import dictionary, instants
from taproom.world.venues import rhythm
from taproom.world.window import Window

SIZE = 131_072
_NOISE = np.rint(7 * rhythm.quantile(np.arange(4096))).astype(np.int64)


def device_telemetry_daily(w: Window) -> pa.Table | None:
    """Rows that arrive in the window."""
    g = ground(w)
    parts = []
    for block in blocks.blocks(g.fleet, g.first, g.last, SIZE):
        if block.start.min() >= w.hi:
            continue
        k = second_key(block)
        ingested = on_time(g, block, k)
        overdue = np.flatnonzero(late.is_late(w.mess, late.DAILY, rhythm.bits(k, 0, 12)))
        ingested[overdue] += late.delay(k[overdue])
        arrived = late.delivered(ingested)
        keep = (arrived >= w.lo) & (arrived < w.hi)
        if keep.all():
            parts.append(_batch(g, block, k, ingested, arrived))
        elif keep.any():
            i = np.flatnonzero(keep)
            parts.append(_batch(g, block.part(i), k[i], ingested[i], arrived[i]))
    return pa.Table.from_batches(parts) if parts else None


def second_key(block: Block) -> np.ndarray:
    return keys.mix(block.key ^ np.uint64(0xDA11))


def on_time(g: Ground, block: Block, key: np.ndarray) -> np.ndarray:
    """When the platform has summed up the days, if no report of them comes late (µs UTC).

    It waits for a device that has lost its network and will send what it has.
    """
    ends = block.start + (SLOTS + block.extra) * HOUR
    out = ends + 20 * MINUTE + rhythm.bits(key, 12, 11) * SECOND
    at, piece = block.among(g.pieces.code)
    source = g.pieces.source[piece]
    waits = (g.out.end[source] > out[at]) & (g.out.cause[source] != FAILED)
    i = np.flatnonzero(waits & g.fleet.buffers[block.span[at]])
    np.maximum.at(out, at[i], g.out.end[source[i]] + 10 * MINUTE)
    return out


@dataclass
class Sums:
    """What days add up to, one a pair; pours, ml and peak -1 where there is none."""

    expected: np.ndarray
    lost: np.ndarray
    open_expected: np.ndarray
    open_lost: np.ndarray
    pours: np.ndarray
    ml: np.ndarray
    peak: np.ndarray
    errors: np.ndarray


def sums(g: Ground, block: Block) -> Sums:
    """Add up the hours of a block's days."""
    n, f = len(block), block.fleet
    row = block.hours_row
    begin, stop = f.venues.hours.open_range[row].T
    shut, opened = block.blip_rows()
    running = blocks.blips()[1].ravel()
    at = shut * (SLOTS + 1)
    lost = running.take(at + SLOTS).astype(np.int64)
    lost -= running.take(at + stop)
    lost += running.take(at + begin)
    at = opened * (SLOTS + 1)
    open_lost = running.take(at + stop).astype(np.int64) - running.take(at + begin)
    lost += open_lost
    pours, ml, peak = (np.full(n, -1, dtype=np.int64) for _ in range(3))
    i = block.flow
    pours[i], ml[i] = block.poured
    top = block.counts.argmax(axis=1)
    peak[i] = np.where(pours[i] > 0, (top + zones.FIRST_HOUR) % 24, -1)
    errors = np.bincount(block.errors[0], minlength=n)
    out = Sums(
        np.full(n, BEATS * SLOTS), lost, (stop - begin) * BEATS, open_lost, pours, ml, peak, errors
    )
    touched = np.unique(np.r_[block.among(g.pieces.code)[0], np.flatnonzero(block.extra)])
    if len(touched):
        _by_hours(g, block, touched, out)
    return out


def _by_hours(g: Ground, block: Block, which: np.ndarray, out: Sums) -> None:
    """The days whose hours have to be made."""
    part = block.part(which)
    h = hours_of(g, part)
    pair, slot, n = h.rows.pair.astype(np.int64), h.rows.slot, len(which)

    def total(values, mask=True):
        return np.bincount(pair, weights=np.where(mask, values, 0), minlength=n).astype(np.int64)

    is_open = g.fleet.venues.hours.open_slots[part.hours_row[pair], slot]
    out.expected[which] = total(np.full(len(pair), BEATS))
    out.lost[which] = total(h.lost)
    out.open_expected[which] = total(np.full(len(pair), BEATS), is_open)
    out.open_lost[which] = total(h.lost, is_open)
    recorded = (h.pours >= 0) & (~h.silent | (h.flush >= 0))
    some = total(recorded) > 0
    counted = np.where(recorded, h.pours, 0)
    out.pours[which] = np.where(some, total(counted), -1)
    out.ml[which] = np.where(some, total(h.ml, recorded), -1)
    by_slot = np.zeros((n, SLOTS), dtype=np.int64)
    np.add.at(by_slot, (pair, slot), counted)
    top = by_slot.argmax(axis=1)
    out.peak[which] = np.where(out.pours[which] > 0, (top + zones.FIRST_HOUR) % 24, -1)
    silent = np.zeros((n, SLOTS), dtype=bool)
    silent[pair, slot] = h.silent
    at, where, _, _ = part.errors
    out.errors[which] = np.bincount(at[~silent[at, where]], minlength=n)


def _batch(g: Ground, block: Block, k, ingested, arrived) -> pa.RecordBatch:
    f, span = g.fleet, block.span
    s = sums(g, block)
    beats = s.expected - s.lost
    silent = beats <= 0
    no_liquid = silent | (f.kind[span] == GATEWAY)
    room = sensors.ambient(f, span, block.day)
    room += rhythm.bits(k, 23, 8) - 128
    liquid = room - 1_900
    liquid >>= 5
    liquid += f.normal["liquid"].take(span)
    liquid += _NOISE.take(rhythm.bits(k, 28, 12))
    out_of_range = np.zeros(len(block), dtype=np.int64)
    at, minutes, rise = warmth(g, block)
    if len(at):
        minutes = minutes.sum(axis=1)
        np.add.at(out_of_range, at, np.where(liquid[at] + rise > sensors.TOO_WARM, minutes, 0))
        np.add.at(liquid, at, minutes * rise // 1_440)
    wrong, piece = block.among(g.wrong_days[0])
    if len(wrong):
        liquid[wrong] = sensors.damage(g.wrong, g.wrong_days[1][piece], liquid[wrong])
        out_of_range[wrong] = np.where(liquid[wrong] > sensors.TOO_WARM, 1_440, 0)
    temp, temp_c = drifted(arrived, liquid, no_liquid)
    pressure = f.normal["pressure"].take(span) + _NOISE.take(rhythm.bits(k, 40, 12))
    uncounted = s.pours < 0
    return pa.record_batch(
        {
            "device_id": dictionary(f.ids, f.device.take(span)),
            "business_date": pa.array(block.day.astype(np.int32)).view(pa.date32()),
            "expected_heartbeats": pa.array(s.expected.astype(np.int32)),
            "heartbeats": pa.array(beats.astype(np.int32)),
            "open_expected_heartbeats": pa.array(s.open_expected.astype(np.int32)),
            "open_heartbeats": pa.array((s.open_expected - s.open_lost).astype(np.int32)),
            "temp": temp,
            "liquid_temp_c": temp_c,
            "temp_out_of_range_minutes": pa.array(out_of_range.astype(np.int32), mask=no_liquid),
            "ambient_temp_c": sensors.decimals(room, silent),
            "line_pressure_psi": sensors.decimals(pressure, no_liquid),
            "rssi_dbm": pa.array(
                (f.normal["rssi"].take(span) + rhythm.bits(k, 52, 2) - 2).astype(np.int32),
                mask=silent,
            ),
            "cpu_temp_c": sensors.decimals(room + 1_878, silent),
            "pour_count": pa.array(s.pours.astype(np.int32), mask=uncounted),
            "pour_volume_ml": pa.array(s.ml.astype(np.int32), mask=uncounted),
            "peak_hour": pa.array(s.peak.astype(np.int32), mask=s.peak < 0),
            "error_count": pa.array(s.errors.astype(np.int32)),
            "last_cleaning_at": _cleaned(f, block),
            "firmware_version": dictionary(firmware.releases()[0], block.release),
            "ingested_at": instants(ingested),
            "_arrived_at": instants(arrived),
        }
    )


def _cleaned(fleet, block: Block) -> pa.Array:
    """Null for devices that are no flow monitors, and before the first cleaning they saw."""
    at = cleaning.last_at(fleet, block.venue, block.day)
    unseen = (fleet.kind[block.span] != FLOW) | (at < fleet.begin[block.span])
    return pa.array(np.where(unseen, 0, at), mask=unseen).view(pa.timestamp("us", "UTC"))
