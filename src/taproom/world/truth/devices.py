"""Devices and venues as they are: why devices failed, what they lost, how careful venues are."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from taproom.world.around import climate
from taproom.world.clock import DAY, START
from taproom.world.context import Context
from taproom.world.draws import keys
from taproom.world.render.columns import stamp, word
from taproom.world.render.iot import blocks
from taproom.world.render.iot.fleet import FLOW, fleet_of
from taproom.world.render.iot.hourly import ground, hours_of
from taproom.world.render.iot.outages import FAILED, failures, loss_of
from taproom.world.render.pos.sales import waste_of
from taproom.world.state.weekly import monday
from taproom.world.truth.columns import date
from taproom.world.venues.rhythm import demand

SOURCES = ("iot", "pos")
CAUSES = ("failure", "network", "wifi")


def device_failure_cause(c: Context) -> dict[str, pa.Table]:
    """truth_device_failure_cause: factors of each failure's hazard, and whether it would have
    happened without each of them, by the same draw."""
    f = fleet_of(c.window())
    o = failures(f, c.facts, 0, c.until)
    o = o.take(np.flatnonzero(o.start < c.as_of))
    week = monday(o.start // DAY)
    draw = keys.u32(keys.key(keys.stream_key(c.seed, "failure"), f.key[o.span], week), 0)
    factors = {
        "wear": climate.wear((week * DAY - f.installed[o.span]) // DAY),
        "batch": np.where(f.batch[o.span] % 13 == 4, 3.0, 1.0),
        "firmware": np.where(climate.on_bad_firmware(f.key[o.span], week), 3.0, 1.0),
        "environment": keys.exp(0.3 * f.environment[o.span]),
    }
    hazard = 0.06 / 52 * np.prod(list(factors.values()), axis=0)
    # Wear is switched off by a new device, the others by their usual value.
    usual = {"wear": climate.wear(0), "batch": 1.0, "firmware": 1.0, "environment": 1.0}
    without = {
        n: draw < keys.threshold(hazard / x * np.minimum(x, usual[n])) for n, x in factors.items()
    }
    table = {
        "device_id": f.ids.take(pa.array(f.device[o.span])),
        "failed_at": stamp(o.start),
        "repaired_at": stamp(o.end),
        "mode": pa.array(o.mode.astype(np.int32)),
        "hazard": pa.array(hazard),
        **{f"{n}_factor": pa.array(np.asarray(x, dtype=float)) for n, x in factors.items()},
        **{f"happens_without_{n}": pa.array(x) for n, x in without.items()},
    }
    return {"truth_device_failure_cause": pa.table(table)}


def unrecorded(c: Context) -> dict[str, pa.Table]:
    """truth_unrecorded_pours: what flowed while a device was silent and is in no record, by
    device and business day, with the gravest cause of the day's silence."""
    w = c.window(START * DAY)
    g = ground(w)
    f, pieces = g.fleet, g.pieces
    flow = np.flatnonzero(
        (f.kind[pieces.span] == FLOW) & (pieces.day >= START) & (pieces.day < c.until)
    )
    code = pieces.code[flow]
    pairs, row = np.unique(code, return_inverse=True)
    cause = np.full(len(pairs), FAILED + 9)
    np.minimum.at(cause, row, g.out.cause[pieces.source[flow]])
    parts = []
    for at in range(0, len(pairs), 2_048):
        some = pairs[at : at + 2_048]
        day, span = some // blocks.WIDE, some % blocks.WIDE
        custom = demand(f.venues.take(f.venue[span]), day)
        block = blocks.Block(f, day, span, custom)
        h = hours_of(g, block)
        lost = h.silent & (h.flush < 0) & (h.pours > 0)
        n, ml = (
            np.bincount(h.rows.pair, np.where(lost, x, 0), len(some)).astype(np.int64)
            for x in (h.pours, h.ml)
        )
        i = np.flatnonzero(n)
        parts.append(
            pa.table(
                {
                    "device_id": f.ids.take(pa.array(f.device[span[i]])),
                    "location_id": f.venue_ids.take(pa.array(f.venue[span[i]])),
                    "business_date": date(day[i]),
                    "cause": word(CAUSES, cause[at + i]),
                    "pours": pa.array(n[i]),
                    "volume_ml": pa.array(ml[i]),
                }
            )
        )
    return {"truth_unrecorded_pours": pa.concat_tables(parts)} if parts else {}


def devices(c: Context) -> dict[str, pa.Table]:
    """truth_device: share of heartbeats lost for want of network, batch, venue's wifi."""
    f = fleet_of(c.window())
    i = np.flatnonzero(np.r_[True, f.device[1:] != f.device[:-1]]) if len(f) else []
    table = {
        "device_id": f.ids.take(pa.array(f.device[i])),
        "mean_network_loss": pa.array(loss_of(f.loss[i])),
        "is_bad_batch": pa.array(f.batch[i] % 13 == 4),
        "environment": pa.array(f.environment[i]),
        "keeps_measurements": pa.array(f.buffers[i]),
    }
    return {"truth_device": pa.table(table)}


def venues(c: Context) -> dict[str, pa.Table]:
    """truth_venue: pours of a mean day, share wasted, days between cleanings."""
    f = fleet_of(c.window())
    table = {
        "location_id": f.venue_ids,
        "mean_pours": pa.array(f.venues.level),
        "waste_share": pa.array(waste_of(f) / 10_000),
        "cleaning_every_days": pa.array(f.cleaning[0].astype(np.int32)),
    }
    return {"truth_venue": pa.table(table)}


TRUTH = (device_failure_cause, unrecorded, devices, venues)
