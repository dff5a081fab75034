"""Segment's tables: people and accounts that exist, times as Segment works them out, and each
defect at its rate, in the ledger, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import company
import cuts
import numpy as np
import polars as pl
import pyarrow as pa
import pytest
import worlds

from taproom import contracts
from taproom.world import clock, mess
from taproom.world.clock import DAY, HOUR
from taproom.world.making.lifecycle import canonical
from taproom.world.product import features
from taproom.world.render import Window, app, segment

TABLES = tuple(segment.RENDERERS)
LO, HI = (clock.END - 120) * DAY, clock.END * DAY


def plain(rows: pa.Table) -> pa.Table:
    """Texts that repeat written out."""
    fields = [
        pa.field(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type)
        for f in rows.schema
    ]
    return rows.cast(pa.schema(fields))


def frame(table: str, w: Window) -> pl.DataFrame:
    return pl.from_arrow(plain(segment.RENDERERS[table](w)))


@pytest.fixture(scope="module")
def w() -> Window:
    return replace(company.window(), lo=LO, hi=HI)


@pytest.fixture(scope="module")
def rows(w) -> dict[str, pl.DataFrame]:
    return {t: frame(t, w) for t in TABLES}


@pytest.fixture(scope="module")
def ledgers(w) -> dict[str, pl.DataFrame]:
    return {t: pl.from_arrow(segment.LEDGERS[t](w)) for t in TABLES}


@pytest.mark.parametrize("table", TABLES)
def test_cuts(table):
    def render(w):
        found = segment.RENDERERS[table](w)
        return None if found is None else plain(found)

    cuts.holds_in_every_cut(render)


@pytest.mark.parametrize("table", TABLES)
def test_contract(table):
    found = plain(segment.RENDERERS[table](cuts.window()))
    contract = contracts.load("segment").tables[table]
    assert found.schema.equals(contract.arrow_schema())
    for column in contract.columns:
        if column.required:
            assert found[column.name].null_count == 0, column.name
        if column.enum:
            assert set(found[column.name].to_pylist()) - {None} <= set(column.enum)


def test_a_day_of_a_younger_world_is_the_same_day():
    """Rows of a day need no fact of a later one."""
    from taproom.world.state.engine import Engine

    day = clock.START + 400
    e = Engine(42, worlds.TINY, latent=True)
    e.run(day + 1)
    span = {"lo": day * DAY, "hi": (day + 1) * DAY}
    young = Window(42, worlds.TINY, "default", canonical(e.facts), **span)
    old = cuts.window(**span)
    for table in TABLES:
        assert cuts.same(
            plain(segment.RENDERERS[table](young)), plain(segment.RENDERERS[table](old))
        )


def test_users_and_accounts_are_the_applications(w, rows):
    whole = replace(w, lo=0)
    users = pl.from_arrow(app.RENDERERS["users"](whole))
    known = set(zip(users["id"], users["account_id"], strict=True))
    t = rows["tracks"].unique("id")
    assert set(zip(t["user_id"], t["context_group_id"], strict=True)) <= known
    life = users.group_by("id").agg(
        pl.col("activated_at").max(),
        pl.col("updated_at").filter(pl.col("status") == "deactivated").min().alias("end"),
    )
    t = t.join(life, left_on="user_id", right_on="id")
    assert (t["timestamp"] >= t["activated_at"]).all()
    assert t.filter(pl.col("timestamp") > pl.col("end") + pl.duration(seconds=5)).is_empty()


def test_every_event_names_its_feature(rows):
    t = rows["tracks"]
    inside = t["properties"].str.json_path_match("$.feature")
    assert set(inside.drop_nulls()) <= set(features.INDEX)
    logins = {"signed_in", "signed_up", "invitation_accepted"}
    assert set(t.filter(inside.is_null())["event"]) <= logins
    assert 0.008 < (t["event"] == "error_shown").mean() < 0.04
    snake = t["event_text"].str.to_lowercase().str.replace_all(" ", "_")
    assert (snake == t["event"]).all()


def test_segment_corrects_what_a_wrong_clock_says(rows):
    for table in TABLES:
        t = rows[table]
        corrected = t["received_at"] - (t["sent_at"] - t["original_timestamp"])
        assert (corrected == t["timestamp"]).all()
        wrong = (t["timestamp"] - t["original_timestamp"]).dt.total_seconds().abs() > 600
        assert 0.0015 < wrong.mean() < 0.0045
        assert (t["timestamp"] <= t["received_at"]).all()
        assert (t["received_at"] < t["_arrived_at"]).all()
        lag = (t["_arrived_at"] - t["received_at"]).dt.total_seconds()
        assert lag.max() <= 3600
    t = pl.concat([rows[x].select("timestamp", "original_timestamp") for x in TABLES])
    assert (t["original_timestamp"].dt.year() == 1970).any()
    assert (t["original_timestamp"] > t["timestamp"].max()).any()


def test_late_rows_come_within_a_week(rows):
    for table in TABLES:
        t = rows[table]
        late = (t["received_at"] - t["timestamp"]).dt.total_seconds() > 1_800
        assert 0.014 < late.mean() < 0.027
        assert (t["received_at"] - t["timestamp"]).max().total_seconds() < 7 * 86_400
        assert (t["received_at"] - t["timestamp"]).max().total_seconds() > 2 * 86_400


def test_a_retry_repeats_the_row_as_it_was(rows):
    for table in TABLES:
        t = rows[table]
        twice = len(t) - t["id"].n_unique()
        assert twice == len(t) - len(t.unique())
        assert 0.002 < twice / len(t) < 0.009


def test_defects_stand_in_the_ledger(rows, ledgers):
    for table in TABLES:
        t, ledger = rows[table], ledgers[table]
        hit = {d: len(x) for (d,), x in ledger.group_by("defect")}
        assert hit["M02"] == len(t) - t["id"].n_unique()
        kinds = {"M01", "M02", "M04"} | ({"M13", "M16"} if table == "pages" else set())
        assert set(hit) == kinds
        assert set(ledger["pk"]) <= set(t["id"])


def test_orphans_are_users_yet_to_be_created(w, rows, ledgers):
    users = pl.from_arrow(app.RENDERERS["users"](replace(w, lo=0)))
    created = users.group_by("id").agg(pl.col("created_at").min())
    pages = rows["pages"].unique("id")
    joined = pages.filter(pl.col("user_id").is_not_null()).join(
        created, left_on="user_id", right_on="id", how="left"
    )
    early = joined.filter(
        pl.col("created_at").is_null() | (pl.col("timestamp") < pl.col("created_at"))
    )
    orphans = ledgers["pages"].filter(pl.col("defect") == "M13")
    assert set(early["id"]) == set(orphans["pk"])
    assert 0.001 < len(orphans) / len(pages) < 0.012
    assert set(early["context_page_path"]) == {"/shared/board"}


def test_guests_can_be_recognised_by_their_browser(rows):
    """Most guests of a shared board sign in later with the same browser."""
    pages = rows["pages"]
    guests = pages.filter(pl.col("context_page_path") == "/shared/board")
    guests = guests.filter(~pl.col("context_user_agent").str.contains("(?i)bot"))
    tied = set(rows["identifies"]["anonymous_id"]) | set(rows["tracks"]["anonymous_id"])
    early = guests.filter(pl.col("timestamp") < pl.col("timestamp").max() - pl.duration(days=30))
    assert len(early) > 20
    assert early["anonymous_id"].is_in(list(tied)).mean() > 0.5


def test_strangers_are_told_by_agent_or_address(rows, ledgers):
    pages = rows["pages"].unique("id")
    robots = pl.col("context_user_agent").str.contains("(?i)bot")
    office = pl.col("context_ip").str.starts_with("203.0.113.")
    told = set(pages.filter(robots | office)["id"])
    strangers = ledgers["pages"].filter(pl.col("defect") == "M16")
    assert told == set(strangers["pk"])
    assert 0.04 < len(told) / len(pages) < 0.08
    assert pages.filter(robots | office)["user_id"].is_null().all()


def test_without_mess_rows_differ_by_the_ledger_only(w, rows, ledgers):
    clean = replace(w, mess="none")
    for table in TABLES:
        a, b = frame(table, clean), rows[table].unique("id")
        assert a["id"].n_unique() == len(a)
        assert segment.LEDGERS[table](clean).num_rows == 0
        ledger = ledgers[table]
        moved = ledger.filter(pl.col("defect").is_in(["M01", "M16"]))["pk"]
        same_a, same_b = (x.filter(~pl.col("id").is_in(moved.implode())).sort("id") for x in (a, b))
        # Late rows of the clean world fall into or out of the window at its edges.
        both = set(same_a["id"]) & set(same_b["id"])
        assert len(both) > 0.97 * max(len(same_a), len(same_b))
        same_a, same_b = (x.filter(pl.col("id").is_in(list(both))) for x in (same_a, same_b))
        skewed = ledger.filter(pl.col("defect") == "M04")["pk"]
        orphan = ledger.filter(pl.col("defect") == "M13")["pk"]
        for column in same_a.columns:
            differs = same_a[column].ne_missing(same_b[column])
            hit = set(same_a.filter(differs)["id"])
            if column in ("original_timestamp", "sent_at"):
                assert hit <= set(skewed), column
            elif column == "user_id":
                assert hit <= set(orphan)
            else:
                assert not hit, column


def test_heavy_mess_is_heavier(w):
    span = replace(w, mess="heavy", lo=HI - 20 * DAY)
    heavy = len(segment.LEDGERS["tracks"](span)) / len(segment.RENDERERS["tracks"](span))
    usual = replace(span, mess="default")
    light = len(segment.LEDGERS["tracks"](usual)) / len(segment.RENDERERS["tracks"](usual))
    assert 2.0 < heavy / light < 3.0


def test_the_event_of_a_new_tap_changes_its_name(w):
    span = replace(w, lo=(clock.DRIFT_TAP_LINE - 20) * DAY, hi=(clock.DRIFT_TAP_LINE + 20) * DAY)
    t = frame("tracks", span)
    drift = pl.lit(clock.as_datetime(clock.DRIFT_TAP_LINE * DAY))
    edge = pl.duration(seconds=30)
    old, new = (
        t.filter(pl.col("event") == "tap_created"),
        t.filter(pl.col("event") == "tap_line_created"),
    )
    assert len(old) > 20 and len(new) > 20
    assert old.filter(pl.col("timestamp") > drift + edge).is_empty()
    assert new.filter(pl.col("timestamp") < drift).is_empty()
    assert set(new["event_text"]) == {"tap_line_created"}
    assert set(old["event_text"]) == {"Tap Created"}


def test_tracking_has_a_first_day(w):
    span = replace(w, lo=0, hi=(segment.TRACKED_FROM + 20) * DAY)
    t = frame("tracks", span)
    assert t["timestamp"].min() >= clock.as_datetime(segment.TRACKED_FROM * DAY)
    assert segment.RENDERERS["tracks"](replace(span, hi=segment.TRACKED_FROM * DAY - HOUR)) is None


def test_volumes_are_those_of_the_design(w):
    months = 120 / 30.4
    accounts = 830  # paying at the end of a company of a thousand, about
    tracks = len(segment.RENDERERS["tracks"](w)) / months / accounts
    assert 58 / 1.5 < tracks < 58 * 1.5
    rest = sum(len(segment.RENDERERS[t](w)) for t in ("pages", "identifies"))
    assert 19 / 1.5 < rest / months / accounts < 19 * 1.5


def test_rates_are_the_catalogues():
    for table in TABLES:
        name = f"segment.{table}"
        assert mess.rate("default", "M01", name) == 0.02
        assert mess.rate("default", "M02", name) == 0.005
        assert mess.rate("default", "M04", name) == 0.003
        assert mess.rate("none", "M01", name) == 0.0
    assert np.isclose(mess.rate("default", "M16", "segment.pages"), 0.06, atol=0.01)
