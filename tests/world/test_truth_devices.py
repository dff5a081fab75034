"""What is true of the devices: failures need their causes, and nothing poured is forgotten."""

from __future__ import annotations

import cuts
import numpy as np
import polars as pl
import pyarrow as pa
import pytest
import worlds

from taproom.world import clock
from taproom.world.clock import DAY
from taproom.world.context import Context
from taproom.world.draws import keys
from taproom.world.draws.ids import parse
from taproom.world.people.population import child_key
from taproom.world.render import iot
from taproom.world.render.iot.fleet import fleet_of
from taproom.world.state.weekly import monday
from taproom.world.truth import devices as truth
from taproom.world.venues import rhythm


@pytest.fixture(scope="module")
def context() -> Context:
    sources = ("app", "iot", "pos")
    return Context(42, worlds.TINY, "default", worlds.facts(42, 3), cuts.END, sources)


@pytest.fixture(scope="module")
def failures(context) -> pl.DataFrame:
    table = truth.device_failure_cause(context)["truth_device_failure_cause"]
    return pl.from_arrow(table)


def test_every_failure_is_one_of_the_facts_with_its_hazard(context, failures):
    facts = context.facts.table("device_failure")
    key = child_key(42, "device", facts["acct"], facts["n"])
    known = {
        (k, a): h
        for k, a, h in zip(key.tolist(), facts["at"].tolist(), facts["hazard"], strict=True)
    }
    at = failures["failed_at"].dt.epoch("us")
    assert len(failures) > 20
    for device, when, hazard in zip(failures["device_id"], at, failures["hazard"], strict=True):
        assert abs(known[parse(device), when] / hazard - 1) < 1e-6


def test_the_draw_decides_and_less_hazard_means_fewer_failures(failures):
    day = monday(failures["failed_at"].dt.epoch("us").to_numpy() // DAY)
    key = np.array([parse(d) for d in failures["device_id"]], dtype=np.uint64)
    draw = keys.u32(keys.key(keys.stream_key(42, "failure"), key, day), 0)
    assert (draw < keys.threshold(failures["hazard"].to_numpy())).all()
    for cause in ("wear", "batch", "firmware", "environment"):
        factor, happens = failures[f"{cause}_factor"], failures[f"happens_without_{cause}"]
        lowest = 0.62 if cause == "wear" else 1.0
        assert happens.filter(factor <= lowest).all()


def test_recorded_and_unrecorded_pours_are_all_that_was_poured(context):
    lo, hi = clock.END - 200, clock.END - 12
    lost = pl.from_arrow(truth.unrecorded(context)["truth_unrecorded_pours"])
    w = cuts.window("none", lo * DAY, (hi + 12) * DAY)
    daily = pl.from_arrow(iot.RENDERERS["device_telemetry_daily"](w))
    f = fleet_of(w)
    venue = dict(
        zip(
            f.ids.take(pa.array(f.device)).to_pylist(),
            f.venue_ids.take(pa.array(f.venue)).to_pylist(),
            strict=True,
        )
    )
    daily = daily.with_columns(
        location_id=pl.col("device_id").cast(pl.String).replace_strict(venue)
    )
    by = ["location_id", "business_date"]
    recorded = daily.group_by(by).agg(pl.col("pour_count").sum().cast(pl.Int64))
    missing = lost.group_by(by).agg(pl.col("pours").sum())
    both = recorded.join(missing, on=by, how="left").with_columns(pl.col("pours").fill_null(0))
    index = {v: i for i, v in enumerate(f.venue_ids.to_pylist())}
    both = both.filter(
        pl.col("business_date").cast(pl.Int32).is_between(lo + 2, hi) & (pl.col("pour_count") > 0)
    )
    i = np.array([index[v] for v in both["location_id"]])
    day = both["business_date"].cast(pl.Int32).to_numpy().astype(np.int64)
    poured, _ = rhythm.demand(f.venues.take(i), day)
    assert (both["pours"] > 0).sum() > 20
    assert (poured == (both["pour_count"] + both["pours"]).to_numpy()).all()


def test_a_row_a_device_and_a_venue(context):
    devices = truth.devices(context)["truth_device"]
    venues = truth.venues(context)["truth_venue"]
    assert len(set(devices["device_id"].to_pylist())) == len(devices) > 100
    assert len(set(venues["location_id"].to_pylist())) == len(venues) > 100
