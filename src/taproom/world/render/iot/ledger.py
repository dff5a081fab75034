"""Which rows of the platform's tables are damaged, for truth_mess.

Lateness (M01), repeated and nearly repeated pours (M02, M03) and wrong clocks (M04) are listed
row by row; a sensor that is wrong for weeks (M15) has one row, at its device.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from taproom.world.clock import DAY, HOUR
from taproom.world.draws import ids
from taproom.world.people import names
from taproom.world.render.iot import blocks, daily, late, sensors, taps
from taproom.world.render.iot.events import ERROR, events, stamped
from taproom.world.render.iot.events import TABLE as EVENTS
from taproom.world.render.iot.hourly import SIZE, ground, hours_of, overdue_pairs
from taproom.world.render.iot.words import instants
from taproom.world.venues import rhythm
from taproom.world.window import Window

SCHEMA = pa.schema(
    [(n, pa.string()) for n in ("defect", "table_name", "pk", "column_name", "before", "after")]
)


def iso(at) -> pa.Array:
    """Instants as text, to the second."""
    return pc.strftime(
        instants(at).cast(pa.timestamp("s", "UTC"), safe=False), format="%Y-%m-%dT%H:%M:%SZ"
    )


def rows(defect: str, table: str, pk, column: str | None, before, after) -> pa.Table:
    """Ledger rows of one defect; `before` and `after` are texts or None."""
    n = len(pk)
    columns = [
        pa.repeat(defect, n),
        pa.repeat(table, n),
        pk,
        pa.repeat(pa.scalar(column, pa.string()), n),
        *(pa.nulls(n, pa.string()) if x is None else x for x in (before, after)),
    ]
    return pa.table(columns, schema=SCHEMA)


def joined(parts: list[pa.Table]) -> pa.Table | None:
    parts = [p for p in parts if len(p)]
    return pa.concat_tables(parts) if parts else None


def hourly(w: Window) -> pa.Table | None:
    """M01 of device_telemetry_hourly."""
    g = ground(w)
    out = []
    for block in blocks.blocks(g.fleet, g.first, g.last, SIZE):
        if block.start.min() >= w.hi:
            continue
        if block.start.max() < w.lo - 2 * DAY:
            block = block.part(overdue_pairs(w, block))
        if not len(block):
            continue
        h = hours_of(g, block)
        hit = late.is_late(w.mess, late.HOURLY, rhythm.bits(h.rows.key, 0, 12)) & ~h.silent
        i = np.flatnonzero(hit)
        key = h.rows.key[i]
        before = h.rows.at[i] + HOUR + late.transit(key)
        after = before + late.delay(key)
        arrived = late.delivered(after)
        keep = (arrived >= w.lo) & (arrived < w.hi)
        i, before, after = i[keep], before[keep], after[keep]
        device = g.fleet.ids.take(pa.array(g.fleet.device[block.span[h.rows.pair[i]]]))
        pk = names.glue(device, iso(h.rows.at[i]), sep="|")
        out.append(rows("M01", late.HOURLY, pk, "ingested_at", iso(before), iso(after)))
    return joined(out)


def by_day(w: Window) -> pa.Table | None:
    """M01 and M15 of device_telemetry_daily."""
    g = ground(w)
    f = g.fleet
    out = []
    for block in blocks.blocks(f, g.first, g.last, daily.SIZE):
        if block.start.min() >= w.hi:
            continue
        k = daily.second_key(block)
        i = np.flatnonzero(late.is_late(w.mess, late.DAILY, rhythm.bits(k, 0, 12)))
        before = daily.on_time(g, block, k)[i]
        after = before + late.delay(k[i])
        arrived = late.delivered(after)
        keep = (arrived >= w.lo) & (arrived < w.hi)
        i, before, after = i[keep], before[keep], after[keep]
        device = f.ids.take(pa.array(f.device[block.span[i]]))
        date = pa.array(block.day[i].astype(np.int32)).cast(pa.date32()).cast(pa.string())
        pk = names.glue(device, date, sep="|")
        out.append(rows("M01", late.DAILY, pk, "ingested_at", iso(before), iso(after)))
    d = g.wrong
    begin = np.maximum(d.first, f.first[d.span])
    i = np.flatnonzero((begin * DAY >= w.lo) & (begin * DAY < w.hi))
    if len(i):
        pk = f.ids.take(pa.array(f.device[d.span[i]]))
        span = names.glue(iso(d.first[i] * DAY), iso(d.last[i] * DAY), sep="/")
        kind = names.take(("stuck", "jump", "fahrenheit"), d.kind[i])
        out.append(rows("M15", sensors.TABLE, pk, "liquid_temp_c", span, kind))
    return joined(out)


def tap_event(w: Window) -> pa.Table | None:
    """M01 to M04 of tap_event."""
    out = []

    def text(number) -> pa.Array:
        return pa.array(number).cast(pa.string())

    flushed = taps.flushes(w)
    for p in (*taps.pours(w), *([flushed] if flushed is not None and len(flushed) else [])):
        pk = taps.event_id(p.key)
        i = np.flatnonzero(p.ingested != p.on_time)
        out.append(
            rows(
                "M01", taps.TABLE, text(pk[i]), "ingested_at", iso(p.on_time[i]), iso(p.ingested[i])
            )
        )
        d = taps.damage(w, p)
        out.append(rows("M02", taps.TABLE, text(pk[d.twice]), None, None, None))
        near = text(taps.event_id(p.key[d.near], True))
        out.append(rows("M03", taps.TABLE, near, "event_id", text(pk[d.near]), near))
        i = d.clock
        wrong = taps.wrong_clock(p.at[i], p.key[i])
        out.append(rows("M04", taps.TABLE, text(pk[i]), "event_at", iso(p.at[i]), iso(wrong)))
    return joined(out)


def device_event(w: Window) -> pa.Table | None:
    """M04 of device_event."""
    e = events(w)
    k, arrived, at = stamped(w, e)
    hit = (at != e.at) & (arrived >= w.lo) & (arrived < w.hi) & (e.type == ERROR)
    i = np.flatnonzero(hit)
    if not len(i):
        return None
    return rows("M04", EVENTS, ids.text_id("dve_", k[i]), "at", iso(e.at[i]), iso(at[i]))
