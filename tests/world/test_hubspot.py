"""HubSpot: the same rows in every cut of time and accounts, true to its contract, to the
application and to itself."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
import worlds

from taproom import contracts
from taproom.world import clock
from taproom.world.clock import DAY, HOUR
from taproom.world.facts import Facts
from taproom.world.people.population import shard_of
from taproom.world.render import Window, app, hubspot
from taproom.world.render.hubspot.common import STAGES

END = clock.END * DAY
CUTS = (
    clock.FOUNDED * DAY,
    clock.day(2024, 2, 10) * DAY,
    clock.day(2024, 10, 30) * DAY + 5 * HOUR,
    END,
)
TABLES = tuple(hubspot.RENDERERS)


def window(facts: Facts, lo: int = 0, hi: int = END, mess: str = "default", shard=(0, 1)) -> Window:
    return Window(42, worlds.TINY, mess, facts, lo, hi, shard)


def render(w: Window) -> dict[str, pa.Table]:
    return {name: f(w) for name, f in hubspot.RENDERERS.items()}


def hashes(parts: list[dict[str, pa.Table]]) -> dict[str, str]:
    return {n: worlds.rows_hash(pa.concat_tables([p[n] for p in parts])) for n in TABLES}


@pytest.fixture(scope="module")
def whole() -> dict[str, pa.Table]:
    return render(window(worlds.facts()))


def newest(whole, table: str, key: str = "id") -> pl.DataFrame:
    rows = pl.from_arrow(whole[table])
    return rows.sort("_arrived_at", maintain_order=True).unique(key, keep="last")


# --- cuts --------------------------------------------------------------------------------------
def test_windows_make_the_whole(whole):
    parts = [render(window(worlds.facts(), a, b)) for a, b in pairwise(CUTS)]
    assert hashes(parts) == hashes([whole])
    assert min(t["_arrived_at"].to_pylist()[0] for t in whole.values()).year == 2023


def test_nothing_is_told_that_is_not_known_yet(whole):
    """A world that has been simulated no further writes the same rows."""
    hi = END - 150 * DAY
    short = render(window(worlds.facts(days_after=-150), hi - 60 * DAY, hi))
    assert hashes([short]) == hashes([render(window(worlds.facts(), hi - 60 * DAY, hi))])


def test_hours_make_the_day():
    lo = clock.day(2025, 3, 12) * DAY  # the day after a newsletter, the weekday of most calls
    hours = [render(window(worlds.facts(), lo + h * HOUR, lo + h * HOUR + HOUR)) for h in range(24)]
    assert hashes(hours) == hashes([render(window(worlds.facts(), lo, lo + DAY))])


def test_shards_make_the_whole(whole):
    f, parts = worlds.facts(), []
    for k in (0, 1):
        tables = {n: v[shard_of(42, v["acct"]) % 2 == k] for n, v in f.tables().items()}
        parts.append(render(window(Facts(tables), shard=(k, 2))))
    for name in TABLES:
        one = parts[:1] if name in hubspot.WORLD else parts
        together = pa.concat_tables([p[name] for p in one])
        assert worlds.rows_hash(together) == worlds.rows_hash(whole[name]), name


# --- contract ----------------------------------------------------------------------------------
@pytest.mark.parametrize("table", TABLES)
def test_contract_holds(whole, table):
    contract = contracts.load("hubspot").tables[table]
    rendered = whole[table].cast(contract.arrow_schema())
    assert rendered.column_names == contract.arrow_schema().names
    for column in contract.columns:
        values = rendered[column.name]
        assert not (column.required and values.null_count), column.name
        if column.enum:
            assert set(values.unique().to_pylist()) - {None} <= set(column.enum), column.name
    arrived = rendered["_arrived_at"].cast(pa.int64()).to_numpy()
    assert (np.diff(arrived) >= 0).all() or table.startswith(("email_event", "co"))
    keys = [*contract.key, "_arrived_at"]
    assert len(pl.from_arrow(rendered).unique(keys)) == len(rendered)


@pytest.mark.parametrize("end", [END, clock.day(2024, 5, 7) * DAY + 9 * HOUR])
def test_children_have_parents(end):
    whole = render(window(worlds.facts(), hi=end))
    ids = {t: set(whole[t]["id"].to_pylist()) for t in ("contact", "company", "engagement")}
    for table, column, parent in (
        ("contact", "property_associatedcompanyid", "company"),
        ("contact_property_history", "contact_id", "contact"),
        ("company_property_history", "company_id", "company"),
        ("deal_company", "company_id", "company"),
        ("engagement_company", "company_id", "company"),
        ("engagement_contact", "contact_id", "contact"),
        ("engagement_call", "engagement_id", "engagement"),
    ):
        assert set(whole[table][column].to_pylist()) - {None} <= ids[parent], (table, column)
    owners = set(whole["owner"]["owner_id"].to_pylist())
    for table, column in (
        ("contact", "property_hubspot_owner_id"),
        ("company", "property_hubspot_owner_id"),
        ("deal", "owner_id"),
        ("engagement", "owner_id"),
    ):
        assert set(whole[table][column].to_pylist()) - {None} <= owners
    kinds = whole["engagement"].column("type").to_pylist()
    for kind in ("CALL", "MEETING", "EMAIL", "NOTE", "TASK"):
        assert len(whole[f"engagement_{kind.lower()}"]) == kinds.count(kind)


# --- companies and contacts --------------------------------------------------------------------
def test_the_application_knows_the_companies(whole):
    accounts = app.RENDERERS["accounts"](window(worlds.facts()))
    linked = set(accounts["hubspot_company_id"].to_pylist()) - {None}
    companies = newest(whole, "company")
    known = set(companies["id"].to_list())
    assert len(linked) > 100 and linked <= known
    assert len(known - linked) > 10  # leads' companies, second entries, those nobody linked


def test_payment_makes_customers(whole):
    history = pl.from_arrow(whole["company_property_history"])
    stage = history.filter(pl.col("name") == "lifecyclestage")
    reached = stage.filter(pl.col("value").is_in(["customer", "onboarding"]))
    became = dict(reached.group_by("company_id").agg(pl.col("timestamp").min()).iter_rows())
    a = pl.from_arrow(app.RENDERERS["accounts"](window(worlds.facts())))
    active = a.filter((pl.col("status") == "active") & pl.col("hubspot_company_id").is_not_null())
    paid = dict(active.group_by("hubspot_company_id").agg(pl.col("updated_at").min()).iter_rows())
    assert set(paid) <= set(became) and len(paid) > 80
    late = [(became[i] - paid[i]).total_seconds() for i in paid]
    assert min(late) >= 0 and max(late) < HOUR / 1e6


def test_nobody_goes_back_in_the_lifecycle(whole):
    order = {stage: n for n, stage in enumerate(STAGES)}
    for table in ("contact", "company"):
        h = pl.from_arrow(whole[f"{table}_property_history"])
        h = h.filter(pl.col("name") == "lifecyclestage").sort(f"{table}_id", "timestamp")
        step = h["value"].replace_strict(order).diff()
        same = h[f"{table}_id"].diff() == 0
        assert same.sum() > 300 and (step.filter(same) > 0).all()


def test_onboarding_is_a_stage_from_its_day_on(whole):
    day = clock.as_datetime(clock.DRIFT_HUBSPOT_ONBOARDING * DAY)
    for table in ("contact", "company"):
        rows = pl.from_arrow(whole[table])
        now = rows.filter(pl.col("property_lifecyclestage") == "onboarding")
        assert len(now) > 10 and now["_arrived_at"].min() >= day


@pytest.mark.parametrize("table", ["contact", "company"])
def test_the_history_ends_with_the_row(whole, table):
    history = pl.from_arrow(whole[f"{table}_property_history"])
    rows = newest(whole, table)
    for name in history["name"].unique():
        mine = history.filter(pl.col("name") == name).sort("timestamp", maintain_order=True)
        last = dict(mine.group_by(f"{table}_id").agg(pl.col("value").last()).iter_rows())
        now = dict(rows.select("id", pl.col(f"property_{name}").cast(pl.String)).iter_rows())
        for i, value in last.items():
            assert now[i] == value, (name, i)


def test_who_is_merged_is_gone(whole):
    for table in ("contact", "company"):
        rows = newest(whole, table)
        merged = rows["property_hs_merged_object_ids"].drop_nulls().cast(pl.Int64).to_list()
        gone = rows.filter(pl.col("_fivetran_deleted"))["id"].to_list()
        assert merged and set(merged) <= set(gone)


def test_an_erased_person_stands_only_in_earlier_versions():
    tables = {n: v.copy() for n, v in worlds.facts().tables().items()}
    user = tables["user"]
    asks = np.flatnonzero(
        (user["n"] > 6) & (user["role"] != 2) & (user["invited"] < END - 90 * DAY)
    )
    user["erased"][asks[:3]] = user["invited"][asks[:3]] + 60 * DAY
    rows = pl.from_arrow(hubspot.RENDERERS["contact"](window(Facts(tables), mess="none")))
    last = rows.sort("_arrived_at", maintain_order=True).unique("id", keep="last")
    erased = last.filter(pl.col("property_email").is_null())
    assert len(erased) == 3 and erased["_fivetran_deleted"].all()
    for column in ("property_firstname", "property_lastname", "property_phone"):
        assert erased[column].null_count() == 3
    earlier = rows.filter(pl.col("id").is_in(erased["id"].implode()))
    assert earlier["property_email"].drop_nulls().n_unique() == 3


# --- deals -------------------------------------------------------------------------------------
def test_stays_in_stages_follow_each_other(whole):
    stays = pl.from_arrow(whole["deal_stage"])
    last = stays.sort("_arrived_at", maintain_order=True)
    last = last.unique(["deal_id", "_fivetran_start"], keep="last").sort(
        "deal_id", "_fivetran_start"
    )
    for _, deal in last.group_by("deal_id", maintain_order=True):
        ends, starts = deal["_fivetran_end"].to_list(), deal["_fivetran_start"].to_list()
        for end, start in zip(ends, starts[1:], strict=False):
            assert (start - end).total_seconds() == pytest.approx(0.001)
        assert deal["_fivetran_active"].to_list() == [False] * (len(deal) - 1) + [True]
        assert ends[-1].year == 9999
    current = dict(last.filter(pl.col("_fivetran_active")).select("deal_id", "value").iter_rows())
    rows = newest(whole, "deal", "deal_id")
    assert dict(rows.select("deal_id", "deal_pipeline_stage_id").iter_rows()) == current


def test_deals_are_won_by_those_who_pay(whole):
    deals = newest(whole, "deal", "deal_id")
    won = deals.filter(pl.col("deal_pipeline_stage_id") == "closedwon")
    company = pl.from_arrow(whole["deal_company"])
    history = pl.from_arrow(whole["company_property_history"])
    customers = history.filter(pl.col("value").is_in(["customer", "onboarding"]))["company_id"]
    paying = won.join(company, on="deal_id")["company_id"]
    assert set(paying) <= set(customers) and len(won) > 40
    assert (won["property_closedate"] > won["property_createdate"]).all()
    before = deals.filter(pl.col("deal_pipeline_stage_id") == "closedlost")
    assert 0.4 < len(won) / (len(won) + len(before)) < 0.75


# --- mess --------------------------------------------------------------------------------------
def test_the_ledger_names_every_difference(whole):
    w = window(worlds.facts())
    clean = render(replace(w, mess="none"))
    for name in TABLES:
        if name not in hubspot.LEDGERS:
            continue
        assert not len(hubspot.LEDGERS[name](replace(w, mess="none")) or [])
    ledger = pl.from_arrow(
        pa.concat_tables([hubspot.LEDGERS[t](w) for t in ("contact", "company", "deal")])
    )
    for table, key in (("contact", "id"), ("company", "id")):
        dirty, plain = newest(whole, table), newest(clean, table)
        mine = ledger.filter(pl.col("table_name") == f"hubspot.{table}")
        new = set(dirty[key]) - set(plain[key])
        assert new == set(mine.filter(pl.col("column_name") == "id")["pk"].cast(pl.Int64))
        both = dirty.join(plain, on=key, suffix="_clean")
        for column in set(dirty.columns) - {key, "_arrived_at", "_fivetran_synced"}:
            changed = both.filter(pl.col(column).ne_missing(pl.col(f"{column}_clean")))[key]
            # Nothing more happens to a contact that was deleted.
            why = pl.col("column_name").is_in([column, "_fivetran_deleted"])
            listed = mine.filter(why)["pk"].cast(pl.Int64)
            assert set(changed) <= set(listed), (table, column)
    rate = len(ledger.filter(pl.col("column_name") == "property_email")) / len(
        newest(whole, "contact")
    )
    assert 0.05 < rate < 0.12
