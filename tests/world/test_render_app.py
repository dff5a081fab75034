"""The application's tables: complete in every cut of time, true to the contract, and consistent
with their own change log."""

from __future__ import annotations

import itertools
import json
import re
from collections import defaultdict
from datetime import datetime

import numpy as np
import pyarrow as pa
import pytest

from taproom import contracts
from taproom.world import clock
from taproom.world.facts import Facts
from taproom.world.people import names, population
from taproom.world.render import Window, app
from taproom.world.state.engine import Engine

PAYING = 100
TABLES = ("accounts", "locations", "users", "user_location_roles")
LO, HI = clock.FOUNDED * clock.DAY, clock.END * clock.DAY


def world(seed: int) -> Facts:
    engine = Engine(seed, PAYING)
    engine.run(clock.END)
    return engine.facts


@pytest.fixture(scope="module")
def facts() -> Facts:
    return world(42)


@pytest.fixture(scope="module")
def whole(facts) -> dict[str, pa.Table]:
    w = Window(42, PAYING, "default", facts, LO, HI)
    return {name: render(w) for name, render in app.RENDERERS.items()}


def cut(facts, table: str, instants, mess="default") -> list[pa.Table]:
    """Tables of consecutive windows."""
    windows = itertools.pairwise(instants)
    found = [app.RENDERERS[table](Window(42, PAYING, mess, facts, a, b)) for a, b in windows]
    return [t for t in found if t is not None]


def canonical(tables: list[pa.Table]) -> list[tuple]:
    rows = [tuple(r.values()) for t in tables for r in t.to_pylist()]
    return sorted(rows, key=str)


def newest(table: pa.Table, key) -> dict[tuple, dict]:
    return {tuple(r[k] for k in key): r for r in table.to_pylist()}


# --- arrival -----------------------------------------------------------------------------------
@pytest.mark.parametrize("table", app.RENDERERS)
def test_months_make_the_whole(facts, whole, table):
    months = (clock.month_start(np.arange(636, 673)) * clock.DAY).tolist()
    assert canonical(cut(facts, table, months)) == canonical([whole[table]])


@pytest.mark.parametrize("table", app.RENDERERS)
def test_hours_make_the_day(facts, whole, table):
    arrived = whole[table]["_arrived_at"].cast(pa.int64()).to_numpy() // clock.DAY
    lo = int(np.bincount(arrived).argmax()) * clock.DAY  # the busiest day
    hours = [lo + h * clock.HOUR for h in range(25)]
    day = cut(facts, table, [lo, lo + clock.DAY])
    assert day[0].num_rows >= 1
    assert canonical(cut(facts, table, hours)) == canonical(day)


def test_rows_arrive_after_they_were_written(whole):
    for name in ("accounts", "locations", "users"):
        for row in whole[name].to_pylist():
            lag = (row["_arrived_at"] - row["updated_at"]).total_seconds()
            assert 0 < lag <= 301


def test_few_accounts_are_written_like_many(facts, whole, monkeypatch):
    monkeypatch.setattr("taproom.world.render.app.accounts.FEW", 0)
    for name in app.RENDERERS:
        again = app.RENDERERS[name](Window(42, PAYING, "default", facts, LO, HI))
        assert again.equals(whole[name])


# --- contract ----------------------------------------------------------------------------------
@pytest.mark.parametrize("table", app.RENDERERS)
def test_contract_holds(whole, table):
    contract = contracts.load("app").tables[table]
    rendered = whole[table]
    assert rendered.schema.equals(contract.arrow_schema())
    for column in contract.columns:
        if column.required:
            assert rendered[column.name].null_count == 0, column.name
        if column.enum:
            assert set(rendered[column.name].to_pylist()) - {None} <= set(column.enum)


def test_keys_are_unique(whole):
    lsn = whole["change_log"]["lsn"].to_pylist()
    assert len(set(lsn)) == len(lsn)
    assert all(n > 0 for n in lsn)
    for name in TABLES:
        contract = contracts.load("app").tables[name]
        key = [*contract.key, "_arrived_at"]
        rows = [tuple(r[k] for k in key) for r in whole[name].to_pylist()]
        assert len(set(rows)) == len(rows)


def test_children_have_parents(whole):
    accounts = set(whole["accounts"]["id"].to_pylist())
    users = set(whole["users"]["id"].to_pylist())
    venues = set(whole["locations"]["id"].to_pylist())
    assert set(whole["locations"]["account_id"].to_pylist()) <= accounts
    assert set(whole["users"]["account_id"].to_pylist()) <= accounts
    assert set(whole["users"]["invited_by"].to_pylist()) - {None} <= users
    assert set(whole["user_location_roles"]["user_id"].to_pylist()) <= users
    assert set(whole["user_location_roles"]["location_id"].to_pylist()) <= venues


# --- change log --------------------------------------------------------------------------------
def same(written, value) -> bool:
    """Whether a value of the log's JSON says the same as a cell of a table."""
    if isinstance(value, datetime):
        return datetime.fromisoformat(written) == value
    if isinstance(written, dict):
        return written == json.loads(value)
    return written == value or str(value) == written


def test_replaying_the_log_gives_the_tables(whole):
    state = defaultdict(dict)
    log = sorted(whole["change_log"].to_pylist(), key=lambda r: r["lsn"])
    for row in log:
        before = json.loads(row["before"]) if row["before"] else None
        known = state[row["table_name"]].get(row["pk"])
        assert (row["op"] == "insert") == (before is None) == (known is None)
        if known:
            for column, value in before.items():
                renamed = column == "status" and value == "cancelled"
                assert value == known[column] or (renamed and known[column] == "churned")
        state[row["table_name"]][row["pk"]] = json.loads(row["after"])
    for name in TABLES:
        contract = contracts.load("app").tables[name]
        rows = newest(whole[name], contract.key)
        assert len(rows) == len(state[name])
        for key, row in rows.items():
            pk = "|".join(
                k.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(k, datetime) else k for k in key
            )
            written = state[name][pk]
            assert set(written) == {c.name for c in contract.columns}
            assert all(same(written[c.name], row[c.name]) for c in contract.columns)


def test_lsn_follows_time(whole):
    log = sorted(whole["change_log"].to_pylist(), key=lambda r: r["lsn"])
    times = [r["committed_at"] for r in log]
    assert times == sorted(times)


# --- what the rows say -------------------------------------------------------------------------
def test_churned_becomes_cancelled(whole):
    day = clock.as_datetime(clock.DRIFT_CANCELLED * clock.DAY)
    statuses = whole["accounts"].to_pylist()
    assert {r["status"] for r in statuses if r["_arrived_at"] < day} >= {"churned"}
    assert not any(r["status"] == "cancelled" for r in statuses if r["_arrived_at"] < day)
    assert not any(r["status"] == "churned" for r in statuses if r["_arrived_at"] >= day)


def test_an_erased_person_stands_only_in_earlier_versions():
    facts = Facts()
    day = clock.START * clock.DAY
    signup = int(population.population(42, PAYING, np.array([3])).signup[0])
    facts.new("account_version", 1, acct=3, at=signup, status=1, tier=1)
    facts.new("location", 1, acct=3, n=0, created=signup + clock.MINUTE)
    facts.new(
        "user",
        2,
        acct=3,
        n=[0, 6],
        role=[0, 2],
        invited=signup + clock.HOUR,
        activated=signup + clock.DAY,
        erased=[-1, day + 9 * clock.HOUR],
    )
    w = Window(42, PAYING, "none", facts, LO, HI)
    rows = [r for r in app.RENDERERS["users"](w).to_pylist() if r["role"] == "staff"]
    *earlier, last = rows
    assert earlier and all(r["email"] and r["full_name"] for r in earlier)
    assert (last["email"], last["full_name"], last["phone"]) == (None, None, None)
    assert last["deleted_at"] is not None and last["status"] == "deactivated"
    log = [r for r in app.RENDERERS["change_log"](w).to_pylist() if r["pk"] == last["id"]]
    assert rows[0]["email"] in log[-1]["before"] and rows[0]["email"] not in log[-1]["after"]
    grants = newest(app.RENDERERS["user_location_roles"](w), ("user_id",))
    assert grants[last["id"],]["revoked_at"] == last["deleted_at"]
    # Before the request comes, nothing of it can be seen.
    before = app.RENDERERS["users"](Window(42, PAYING, "none", facts, LO, day))
    assert all(r["deleted_at"] is None for r in before.to_pylist())


def test_nothing_of_the_future_is_told(facts):
    middle = clock.day(2024, 9, 1) * clock.DAY
    w = Window(42, PAYING, "default", facts, LO, middle)
    now = clock.as_datetime(middle)
    for name in TABLES:
        rendered = app.RENDERERS[name](w)
        for field in rendered.schema:
            if pa.types.is_timestamp(field.type) and field.name != "trial_ends_at":
                assert all(v is None or v < now for v in rendered[field.name].to_pylist())
    closed = [d for d in app.RENDERERS["locations"](w)["closed_on"].to_pylist() if d]
    assert closed and max(closed) <= now.date()


def test_every_test_account_shows_a_sign(facts, whole):
    pop = population.population(42, PAYING, np.unique(facts.table("account_version")["acct"]))
    w = Window(42, PAYING, "default", facts, LO, HI)
    a = app.accounts_of(w, pop.acct)
    test = {i for i, c in zip(a.id.to_pylist(), a.pop.cls, strict=True) if c == population.TEST}
    mails = defaultdict(set)
    for r in whole["users"].to_pylist():
        if r["email"]:
            mails[r["account_id"]].add(r["email"].lower().split("@")[1] == names.TAPWISE)
    signs = {}
    for r in whole["accounts"].to_pylist():
        named = bool(re.match(r"^(TEST|Demo|Tapwise)\b", r["name"]))
        signs[r["id"]] = (r["is_test"], named, mails[r["id"]] == {True})
    shown = {i for i, s in signs.items() if any(s)}
    assert shown == test & set(signs)


def test_signs_of_test_accounts_overlap_but_none_covers_all():
    pop = population.population(42, 1_000, np.arange(population.total_accounts(1_000)))
    signs = names.test_signs(pop.key, pop.cls)
    test = pop.cls == population.TEST
    for sign in (signs.flag, signs.name, signs.email, signs.not_live):
        assert 0 < sign.sum() < test.sum() and not sign[~test].any()
    assert (signs.flag | signs.name | signs.email)[test].all()


def test_the_ledger_holds_every_damaged_value(facts, whole):
    def listed(mess: str) -> pa.Table:
        w = Window(42, PAYING, mess, facts, LO, HI)
        return pa.concat_tables([ledger(w) for ledger in app.LEDGERS.values()])

    ledger = listed("default")
    assert set(ledger["defect"].to_pylist()) == {"M06", "M07", "M09", "M17", "M19"}
    assert listed("none").num_rows == 0
    mails = [r for r in ledger.to_pylist() if r["column_name"] == "email"]
    hit = len({r["pk"] for r in mails}) / len(set(whole["users"]["id"].to_pylist()))
    assert 0.04 < hit < 0.12


def test_names_and_domains_are_mostly_distinct():
    pop = population.population(42, 1_000, np.arange(population.total_accounts(1_000)))
    w = Window(42, 1_000, "default", Facts(), LO, HI)
    a = app.accounts_of(w, pop.acct)
    assert len(a.company.name.unique()) > 0.95 * len(pop)
    own = [d for d in a.domain.to_pylist() if d != names.TAPWISE]
    assert len(set(own)) > 0.98 * len(own)
    assert all(re.fullmatch(r"[a-z0-9-]+\.example", d) for d in own)


def test_another_seed_is_another_company(whole):
    other = app.RENDERERS["accounts"](Window(7, PAYING, "default", world(7), LO, HI))
    assert not set(other["id"].to_pylist()) & set(whole["accounts"]["id"].to_pylist())
