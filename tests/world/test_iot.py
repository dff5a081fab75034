"""The devices' platform: its tables agree with one another and with what befell the devices."""

from __future__ import annotations

from dataclasses import replace

import cuts
import numpy as np
import polars as pl
import pyarrow as pa
import pytest
import worlds

from taproom import contracts
from taproom.world import clock
from taproom.world.around import climate, firmware, zones
from taproom.world.clock import DAY
from taproom.world.render import iot
from taproom.world.render.iot.fleet import FLOW, fleet_of
from taproom.world.render.iot.hourly import ground

END = cuts.END
KEPT = {name: END - iot.RETENTION.get(name, END) for name in iot.RENDERERS}


def plain(table: pa.Table, name: str) -> pa.Table:
    """Text as the frame writes it."""
    return table.cast(contracts.load("iot").tables[name].arrow_schema())


def render(name: str, w=None) -> pa.Table | None:
    """Rows of a window, none older than the table's retention."""
    w = w or cuts.window()
    table = iot.RENDERERS[name](replace(w, lo=max(w.lo, KEPT[name])))
    return None if table is None else plain(table, name)


def frame(name: str, mess: str = "none", lo: int = 0, hi: int = END) -> pl.DataFrame:
    return pl.from_arrow(plain(iot.RENDERERS[name](cuts.window(mess, lo, hi)), name))


@pytest.fixture(scope="module")
def fleet():
    return fleet_of(cuts.window())


@pytest.fixture(scope="module")
def hours() -> pl.DataFrame:
    """Newest report of each hour, with its business day; three weeks around a change of clock."""
    lo, hi = clock.day(2025, 10, 20) * DAY, clock.day(2025, 11, 9) * DAY
    rows = frame("device_telemetry_hourly", "none", lo, hi)
    rows = rows.sort("ingested_at").unique(["device_id", "reported_at"], keep="last")
    f = fleet_of(cuts.window())
    place = dict(zip(f.ids.take(pa.array(f.device)).to_pylist(), f.zone.tolist(), strict=True))
    zone = np.array([place[d] for d in rows["device_id"]])
    day = zones.business_day(zone, rows["reported_at"].dt.epoch("us").to_numpy())
    return rows.with_columns(business_date=pl.Series(day).cast(pl.Int32).cast(pl.Date))


# --- form --------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", iot.RENDERERS)
def test_every_cut_gives_the_same_rows(name):
    cuts.holds_in_every_cut(lambda w: render(name, w), name in iot.WORLD)


@pytest.mark.parametrize("name", iot.RENDERERS)
def test_contract_holds(name):
    contract = contracts.load("iot").tables[name]
    lo = END - 40 * DAY if name in iot.RETENTION else 0
    raw = iot.RENDERERS[name](cuts.window(lo=max(lo, KEPT[name])))
    assert raw.column_names == [*(c.name for c in contract.columns), contracts.ARRIVED_AT]
    rows = pl.from_arrow(plain(raw, name))
    for column in contract.columns:
        if column.required:
            assert rows[column.name].null_count() == 0, column.name
        if column.enum:
            assert set(rows[column.name].drop_nulls()) <= set(column.enum), column.name
    key = [*contract.key, *(["_arrived_at"] if contract.update == "mutable" else [])]
    if name == "tap_event":  # exact repetitions are delivered
        rows = rows.unique()
    assert rows.select(key).is_unique().all()


def test_the_order_is_that_of_time_and_fleet(fleet):
    """Rows of a day before the fleet's order, whatever the blocks; so shards cannot differ."""
    rows = frame("device_telemetry_daily", "none", END - 30 * DAY)
    assert rows["business_date"].is_sorted()


# --- the tables agree --------------------------------------------------------------------------
def test_hours_sum_to_the_business_day(hours):
    lo, hi = clock.day(2025, 10, 20) * DAY, clock.day(2025, 11, 9) * DAY
    days = frame("device_telemetry_daily", "none", lo, hi)
    sums = hours.group_by("device_id", "business_date").agg(
        pl.col("expected_heartbeats", "heartbeats", "pour_count", "pour_volume_ml").sum(),
        error_count=pl.col("error_code").is_not_null().sum().cast(pl.Int32),
    )
    inner = pl.col("business_date").is_between(pl.date(2025, 10, 22), pl.date(2025, 11, 6))
    both = days.filter(inner).join(sums, on=["device_id", "business_date"], suffix="_hours")
    assert len(both) > 2_000
    assert {1440, 1500} == set(both["expected_heartbeats"])
    for c in ("expected_heartbeats", "heartbeats", "pour_count", "pour_volume_ml", "error_count"):
        assert (both[c].fill_null(0) == both[f"{c}_hours"]).all(), c


def test_pours_are_those_of_the_hours(fleet):
    lo = END - 4 * DAY
    pours = frame("tap_event", "none", lo).filter(~pl.col("is_cleaning"))
    hours = frame("device_telemetry_hourly", "none", lo)
    hours = hours.sort("ingested_at").unique(["device_id", "reported_at"], keep="last")
    inner = pl.col("reported_at").is_between(
        clock.as_datetime(END - 3 * DAY), clock.as_datetime(END - 2 * DAY), closed="left"
    )
    hours = hours.filter(inner & (pl.col("pour_count") > 0))
    # Where the wall clock is half an hour off, so are the hours.
    half = hours.filter(pl.col("reported_at").dt.minute() == 30)["device_id"].unique()
    shift = pl.when(pl.col("device_id").is_in(half.implode())).then(30).otherwise(0)
    minutes = pl.duration(minutes=shift)
    begin = (pl.col("event_at") - minutes).dt.truncate("1h") + minutes
    sums = pours.group_by("device_id", reported_at=begin).agg(
        n=pl.len(), ml=pl.col("volume_ml").sum()
    )
    both = hours.join(sums, on=["device_id", "reported_at"], how="left")
    assert len(both) > 500
    assert (both["n"] == both["pour_count"]).all()
    assert (both["ml"] == both["pour_volume_ml"]).all()


def test_a_failed_device_is_silent_and_its_order_tells_why(fleet):
    f = worlds.facts().table("device_failure")
    f = f[(f["at"] > END - 300 * DAY) & (f["until"] < END - 20 * DAY)]
    orders = frame("work_order").filter(pl.col("status") == "closed")
    orders = orders.filter(pl.col("type") == "repair")
    days = frame("device_telemetry_daily", "none", END - 320 * DAY)
    events = frame("device_event")
    seen = 0
    for row in f:
        span = np.flatnonzero((fleet.acct == row["acct"]) & (fleet.n == row["n"]))
        day = zones.business_day(fleet.zone[span], row["at"])
        span = span[(fleet.first[span] <= day) & (day + 3 <= fleet.last[span])]
        if not len(span):
            continue
        device = fleet.ids[int(fleet.device[span[0]])].as_py()
        closed = orders.filter(
            (pl.col("device_id") == device)
            & (pl.col("closed_at") == clock.as_datetime(int(row["until"])))
        )
        assert len(closed) == 1
        assert closed["opened_at"][0] > clock.as_datetime(int(row["at"]))
        down = events.filter(
            (pl.col("device_id") == device)
            & (pl.col("type") == "offline")
            & (pl.col("at") == clock.as_datetime(int(row["at"]) + 10 * clock.MINUTE))
        )
        assert len(down) == 1
        whole = pl.Series(np.arange(int(day[0]) + 1, int(day[0]) + 2)).cast(pl.Int32).cast(pl.Date)
        if row["until"] > zones.business_start(fleet.zone[span[0]], int(day[0]) + 2):
            dark = days.filter(
                (pl.col("device_id") == device) & pl.col("business_date").is_in(whole.implode())
            )
            assert (dark["heartbeats"] == 0).all()
            assert dark["pour_count"].null_count() == len(dark)
            seen += 1
    assert seen > 0


def test_buffered_hours_come_twice_and_only_from_revision_c(fleet):
    rows = frame("device_telemetry_hourly", "none", END - 60 * DAY)
    again = rows.filter(pl.col("status") == "buffered")
    assert len(again) > 0
    both = again.join(rows.filter(pl.col("status") == "offline"), on=["device_id", "reported_at"])
    assert len(both) == len(again)
    assert (both["ingested_at"] > both["ingested_at_right"]).all()
    assert both["pour_count_right"].null_count() == len(both)
    device = frame("device").filter(pl.col("hardware_rev") != "C")["id"].unique()
    assert not again["device_id"].is_in(device.implode()).any()


def test_only_flow_monitors_pour_and_nulls_say_what_is_not_measured(hours):
    kind = frame("device").unique("id").select(device_id="id", kind="device_type")
    rows = hours.join(kind, on="device_id")
    heard = rows.filter(pl.col("heartbeats") > 0)
    flow = heard.filter(pl.col("kind") == "flow_monitor")
    other = heard.filter(pl.col("kind") != "flow_monitor")
    gateway = heard.filter(pl.col("kind") == "gateway")
    assert flow["pour_count"].null_count() == 0
    assert other["pour_count"].null_count() == len(other)
    assert gateway["liquid_temp_c"].null_count() == len(gateway)
    assert (
        rows.filter(pl.col("heartbeats") == 0, pl.col("status") == "offline")["ambient_temp_c"]
        .is_null()
        .all()
    )


def test_all_lines_of_a_venue_are_watched_once(fleet):
    d = fleet.dealing
    live = np.flatnonzero((fleet.kind == FLOW) & (fleet.last > clock.END - 2))
    live = live[fleet.first[live] < clock.END - 2]
    deal = d.round(fleet.venue[live], clock.END - 2)
    lines = np.bincount(fleet.venue[live], weights=d.lines[deal, fleet.device[live]])
    watched = np.flatnonzero(lines)
    assert (lines[watched] == fleet.tap_count[watched]).all()


# --- firmware ----------------------------------------------------------------------------------
def test_31_runs_when_the_climate_says_so(fleet):
    names, _ = firmware.releases()
    bad = [i for i, n in enumerate(names) if n.startswith("3.1.")]
    span = np.arange(len(fleet))
    for day in range(clock.day(2024, 8, 20), clock.day(2025, 3, 5), 9):
        on = np.isin(firmware.running(fleet.releases, span, day), bad)
        assert np.array_equal(on, climate.on_bad_firmware(fleet.key, day))


def test_the_running_release_is_the_newest_that_came(fleet):
    span = np.arange(len(fleet))
    for day in range(clock.FOUNDED, clock.END + 60, 41):
        assert np.array_equal(
            firmware.running(fleet.releases, span, day), (fleet.releases <= day).sum(axis=0) - 1
        )


def test_31_triples_the_errors(fleet):
    event = frame("device_event").filter(pl.col("type") == "error")
    lo, hi = clock.day(2024, 9, 1), clock.day(2025, 2, 25)
    names = fleet.ids.take(pa.array(fleet.device)).to_pylist()
    index = {n: i for i, n in enumerate(names)}
    day = event["at"].dt.epoch("us").to_numpy() // DAY
    span = np.array([index[d] for d in event["device_id"]])
    inside = (day >= lo) & (day < hi)
    days = np.arange(lo, hi)[:, None]
    live = (fleet.first <= days) & (days <= fleet.last)
    bad = climate.on_bad_firmware(fleet.key, days) & live
    errors_bad = climate.on_bad_firmware(fleet.key[span], day)[inside].sum()
    rate_bad = errors_bad / bad.sum()
    rate = (inside.sum() - errors_bad) / (live & ~bad).sum()
    assert 2.0 < rate_bad / rate < 4.2


# --- defects -----------------------------------------------------------------------------------
def ledger(name: str, lo: int, mess: str = "default") -> pl.DataFrame:
    table = iot.LEDGERS[name](cuts.window(mess, lo))
    return pl.from_arrow(table) if table is not None else pl.DataFrame({"defect": []})


def test_late_rows_are_those_of_the_ledger():
    lo = END - 14 * DAY
    listed = ledger("device_telemetry_hourly", lo)
    rows = frame("device_telemetry_hourly", "default", lo)
    late = rows.filter(
        (pl.col("ingested_at") - pl.col("reported_at") > pl.duration(minutes=70))
        & (pl.col("status") != "buffered")
    )
    assert len(late) == len(listed)
    assert 0.014 < len(late) / len(rows) < 0.026
    delay = (late["ingested_at"] - late["reported_at"]).dt.total_hours()
    assert delay.max() <= 7 * 24 + 2


def test_mess_none_delivers_everything_on_time():
    lo = END - 5 * DAY
    rows = frame("tap_event", "none", lo)
    assert rows["event_id"].is_unique().all()
    assert (rows["event_at"] < rows["ingested_at"]).all()
    f = fleet_of(cuts.window())
    keeps = f.ids.take(pa.array(f.device[f.revision == 2])).to_pylist()
    others = rows.filter(~pl.col("device_id").is_in(keeps))
    assert (others["ingested_at"] - others["event_at"]).dt.total_seconds().max() < 90
    for name in iot.LEDGERS:
        assert len(ledger(name, lo, "none")) == 0


def test_repeated_and_misdated_pours_are_those_of_the_ledger():
    lo = END - 10 * DAY
    rows = frame("tap_event", "default", lo)
    listed = ledger("tap_event", lo)
    count = dict(listed.group_by("defect").len().iter_rows())
    assert len(rows) - len(rows.unique()) == count["M02"]
    assert 0.002 < count["M02"] / len(rows) < 0.004
    assert 0.0005 < count["M03"] / len(rows) < 0.0016
    wrong = rows.unique().filter(
        (pl.col("event_at").dt.year() == 1970)
        | (pl.col("event_at") > clock.as_datetime(END + 20 * DAY))
    )
    assert len(wrong) == count["M04"]
    near = listed.filter(pl.col("defect") == "M03")
    pair = near.select(event_id=pl.col("after").cast(pl.Int64)).join(rows, on="event_id")
    first = near.select(event_id=pl.col("before").cast(pl.Int64)).join(rows, on="event_id")
    assert len(pair) == len(first) == len(near)
    assert sorted(pair["volume_ml"]) == sorted(first["volume_ml"])


def test_temperature_is_fahrenheit_until_the_drift():
    day = clock.DRIFT_TELEMETRY_CELSIUS * DAY
    rows = frame("device_telemetry_daily", "none", day - 5 * DAY, day + 5 * DAY)
    before = rows.filter(pl.col("_arrived_at") < clock.as_datetime(day))
    after = rows.filter(pl.col("_arrived_at") >= clock.as_datetime(day))
    assert before["liquid_temp_c"].is_null().all() and after["temp"].is_null().all()
    assert abs(before["temp"].median() - 38.0) < 1
    assert abs(after["liquid_temp_c"].median() - 3.3) < 0.4


def test_wrong_sensors_are_listed():
    w = cuts.window("heavy", END - 390 * DAY)
    g = ground(w)
    table = pl.from_arrow(iot.LEDGERS["device_telemetry_daily"](w))
    assert (table["defect"] == "M15").sum() > 0
    i = int(np.argmax(g.wrong.last - g.wrong.first))
    device = g.fleet.ids[int(g.fleet.device[g.wrong.span[i]])].as_py()
    rows = {}
    for mess in ("none", "heavy"):
        table = frame("device_telemetry_daily", mess, END - 390 * DAY)
        rows[mess] = table.filter(pl.col("device_id") == device)
    both = rows["none"].join(rows["heavy"], on="business_date")
    day = both["business_date"].cast(pl.Int32)
    hit = day.is_between(int(g.wrong.first[i]), int(g.wrong.last[i]))
    same = both["liquid_temp_c"].eq_missing(both["liquid_temp_c_right"])
    same &= both["temp"].eq_missing(both["temp_right"])
    assert same.filter(~hit).all()
    assert not same.filter(hit & both["rssi_dbm"].is_not_null()).all()


def test_identity_of_late_and_clean_rows():
    """M01 moves rows in time and changes nothing else."""
    lo = END - 30 * DAY
    window = [frame("device_telemetry_hourly", m, lo - 9 * DAY, END) for m in ("none", "default")]
    inner = pl.col("reported_at").is_between(
        clock.as_datetime(lo), clock.as_datetime(END - 9 * DAY), closed="left"
    )
    columns = [c for c in window[0].columns if c not in ("ingested_at", "_arrived_at")]
    columns.remove("liquid_temp_c")  # M15
    a, b = (x.filter(inner).select(columns).sort(columns) for x in window)
    assert a.equals(b)
