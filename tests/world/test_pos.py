"""The tills: sales that fit what was poured, exports at half past seven, corrections and gaps."""

from __future__ import annotations

import itertools
import re

import cuts
import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from taproom import contracts
from taproom.world import clock
from taproom.world.around import festivals, zones
from taproom.world.clock import DAY
from taproom.world.render import app, iot, pos
from taproom.world.render.iot.fleet import fleet_of
from taproom.world.render.pos.sales import waste_of
from taproom.world.venues import rhythm

NAME = "location_daily_sales"
END = cuts.END
LO = END - 400 * DAY


def render(w) -> pa.Table | None:
    table = pos.RENDERERS[NAME](w)
    schema = contracts.load("pos").tables[NAME].arrow_schema()
    return None if table is None else table.cast(schema)


def frame(mess: str = "none", lo: int = LO, hi: int = END) -> pl.DataFrame:
    return pl.from_arrow(render(cuts.window(mess, lo, hi)))


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    return frame("default")


@pytest.fixture(scope="module")
def fleet():
    return fleet_of(cuts.window())


def test_every_cut_gives_the_same_rows():
    cuts.holds_in_every_cut(render)


def test_contract_holds(rows):
    cuts.keeps_its_contract("pos", NAME, render(cuts.window(lo=LO)))


def test_a_reference_names_one_venue(rows):
    venues = pl.from_arrow(app.RENDERERS["locations"](cuts.window()))["id"].unique()
    tails = venues.str.slice(-8).str.to_uppercase()
    assert tails.is_unique().all()
    assert set(rows["location_ref"].str.slice(-8)) <= set(tails)


def test_amounts_are_text_with_two_decimals_and_whole_yen():
    # The tiny world has few venues in Japan, so the form is tried on numbers.
    cents = np.array([123_456, 5, 700_000, 0, 99, 100, 99_999_999_999, 1_000_000_00])
    yen = np.array([False, False, True, False, False, True, False, True])
    text = ["1234.56", "0.05", "7000", "0.00", "0.99", "1", "999999999.99", "1000000"]
    assert pos.sales.amounts(cents, yen).to_pylist() == text


def test_takings_add_up(rows):
    draft, gross = (rows[c].cast(pl.Float64) for c in ("draft_sales", "gross_sales"))
    share = (draft / gross).to_numpy()
    assert ((share > 0.25) & (share < 0.75)).all()
    price = (draft / rows["draft_units"]).filter(rows["currency"] == "USD")
    assert 5.5 < price.median() < 8.5
    assert (rows["transactions"] > 0).all()


def test_exports_are_local_wall_clock_of_the_next_morning(rows, fleet):
    form = re.compile(r"\d{4}-\d\d-\d\d 07:3\d:\d\d")
    assert all(form.fullmatch(t) for t in rows["exported_at"].to_list())
    zone = dict(
        zip(
            (i[-8:].upper() for i in fleet.venue_ids.to_pylist()),
            fleet.venues.zone.tolist(),
            strict=True,
        )
    )
    here = np.array([zone[r[-8:]] for r in rows["location_ref"]])
    arrived = rows["_arrived_at"].dt.epoch("us").to_numpy()
    wall = zones.local(here, arrived)
    written = rows["exported_at"].str.to_datetime().dt.epoch("us").to_numpy()
    lag = (wall - written) / clock.MINUTE
    assert (lag > 0).all() and (lag <= 15).all()


def test_sold_is_poured_less_waste(fleet):
    lo = END - 60 * DAY
    days = pl.from_arrow(iot.RENDERERS["device_telemetry_daily"](cuts.window("none", lo)))
    f = fleet
    venue = dict(
        zip(
            f.ids.take(pa.array(f.device)).to_pylist(),
            f.venue_ids.take(pa.array(f.venue)).to_pylist(),
            strict=True,
        )
    )
    days = days.with_columns(
        ref=pl.col("device_id").cast(pl.String).replace_strict(venue).str.slice(-8)
    )
    poured = (
        days.group_by("ref", "business_date")
        .agg(pl.col("pour_volume_ml").sum(), known=(pl.col("heartbeats") > 1_300).all())
        .filter(pl.col("known") & (pl.col("pour_volume_ml") > 0))
        .with_columns(pl.col("business_date").cast(pl.String))
    )
    sold = frame("none", lo).group_by("location_ref", "business_date").last()
    sold = sold.with_columns(ref=pl.col("location_ref").str.slice(-8).str.to_lowercase())
    both = (
        sold.join(poured, on=["ref", "business_date"])
        .group_by("ref")
        .agg(
            waste=1
            - (pl.col("draft_units") * pl.col("serving_ml")).sum() / pl.col("pour_volume_ml").sum(),
            n=pl.len(),
        )
    )
    expected = dict(
        zip(pl.Series(f.venue_ids.to_pylist()).str.slice(-8), waste_of(f) / 10_000, strict=True)
    )
    enough = both.filter(pl.col("n") > 20)
    assert len(enough) > 50
    for ref, waste, _ in enough.iter_rows():
        assert abs(waste - expected[ref]) < 0.01


def test_a_day_off_has_no_row_and_holidays_are_quiet(fleet):
    rows = frame("none")
    day = rows["business_date"].str.to_date().cast(pl.Int32).to_numpy()
    ref = {r[-8:].lower(): i for i, r in enumerate(fleet.venue_ids.to_pylist())}
    venue = np.array([ref[r[-8:].lower()] for r in rows["location_ref"]])
    hours = fleet.venues.hours.begin
    assert (hours[fleet.venues.opening[venue], festivals.weekday(day)] >= 0).all()
    christmas = clock.day(2025, 12, 25)
    usual = (day == christmas - 14).sum()
    assert 0.2 * usual < (day == christmas).sum() < 0.7 * usual


def test_some_days_are_exported_again_and_the_last_one_counts(rows):
    count = rows.group_by("location_ref", "business_date").len()["len"]
    assert set(count) == {1, 2}
    assert 0.02 < (count == 2).mean() < 0.05
    twice = rows.group_by("location_ref", "business_date").agg(
        pl.len(),
        first=pl.col("draft_units").sort_by("_arrived_at").first(),
        last=pl.col("draft_units").sort_by("_arrived_at").last(),
    )
    twice = twice.filter(pl.col("len") == 2)
    assert (twice["last"] < twice["first"]).all()


def test_missing_days_come_later_and_are_listed():
    clean, dirty = frame("none"), frame("heavy")
    key = ["location_ref", "business_date"]
    first = dirty.sort("_arrived_at").unique(key, keep="first")
    both = first.join(clean.sort("_arrived_at").unique(key, keep="first"), on=key, suffix="_none")
    late = both.filter(pl.col("_arrived_at") > pl.col("_arrived_at_none"))
    assert 0.008 < len(late) / len(both) < 0.018
    table = pl.from_arrow(pos.LEDGERS[NAME](cuts.window("heavy", LO)))
    listed = set(table.filter(pl.col("defect") == "M12")["pk"])
    assert {f"{r}|{d}" for r, d in late.select(key).iter_rows()} <= listed
    assert (late["draft_units"] == late["draft_units_none"]).mean() > 0.9


def test_the_whole_table_is_touched_by_local_time_once():
    table = pl.from_arrow(pos.LEDGERS[NAME](cuts.window("default", 0)))
    assert (table.filter(pl.col("defect") == "M05")["pk"] == "*").sum() == 1


def test_custom_is_split_exactly(fleet):
    """What is dealt out to the parts of a venue's day is the whole."""
    days = np.arange(clock.END - 30, clock.END)[:, None]
    pours, key = rhythm.demand(fleet.venues, days)
    glass = np.broadcast_to(fleet.glass, pours.shape)
    total = rhythm.volume(pours, key, glass)
    cuts_at = [0, 20_000, 41_000, rhythm.SCALE]
    parts = [
        rhythm.dealt(pours, total, key, glass, share, np.array(i))
        for i, share in enumerate(cuts_at)
    ]
    n = [b[0] - a[0] for a, b in itertools.pairwise(parts)]
    assert (sum(n) == pours).all() and all((x >= 0).all() for x in n)
    assert (parts[-1][1] == total).all() and (parts[0][1] == 0).all()
