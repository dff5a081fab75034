"""Twelve experiments: what was planned is what the rows say, each defect shows where it is and
nowhere else, and both outcomes of a unit come from the same draws."""

from __future__ import annotations

import json

import company
import cuts
import numpy as np
import polars as pl
import pytest

from taproom.world.clock import DAY
from taproom.world.draws import ids, keys
from taproom.world.product import enrolment, experiments, features, usage
from taproom.world.product.experiments import CONTROL, EXPERIMENTS, TREATMENT
from taproom.world.render import Window, app, segment


@pytest.fixture(scope="module")
def w() -> Window:
    return company.window()


@pytest.fixture(scope="module")
def rows(w) -> pl.DataFrame:
    """Newest version of each assignment."""
    t = pl.from_arrow(app.RENDERERS["experiment_assignments"](w))
    return t.sort("_arrived_at").unique(
        ["experiment_id", "unit_id", "assigned_at"], keep="last", maintain_order=True
    )


@pytest.fixture(scope="module")
def plans(w) -> dict[str, dict]:
    t = pl.from_arrow(app.RENDERERS["experiments"](w)).sort("_arrived_at")
    return {r["key"]: r for r in t.unique("id", keep="last", maintain_order=True).to_dicts()}


def by_defect(defect: str):
    return next(e for e in EXPERIMENTS if e.defect == defect)


def chi_square(n_control: float, n_treatment: float, share: float) -> float:
    total = n_control + n_treatment
    return (n_treatment - total * share) ** 2 / (total * share * (1 - share))


def t_value(y: np.ndarray, arm: np.ndarray) -> float:
    a, b = y[arm == TREATMENT], y[arm == CONTROL]
    return (a.mean() - b.mean()) / np.sqrt(a.var() / len(a) + b.var() / len(b))


@pytest.mark.parametrize("table", ["features", "experiments", "experiment_assignments"])
def test_cuts(table):
    cuts.holds_in_every_cut(app.RENDERERS[table], table in app.WORLD)


@pytest.mark.parametrize("table", ["features", "experiments", "experiment_assignments"])
def test_contract(table):
    cuts.keeps_its_contract("app", table, app.RENDERERS[table](cuts.window()))


def test_a_feature_has_one_experiment_at_most_and_it_is_released_by_then():
    assert len({e.feature for e in EXPERIMENTS}) == 12
    for e in EXPERIMENTS:
        assert features.RELEASED[e.feature_index] < e.first_day
    assert sorted(e.defect for e in EXPERIMENTS if e.defect != "none") == [
        "crossover",
        "null",
        "peeking",
        "srm",
    ]


def test_experiments_never_overlap():
    ends = [e.first_day + experiments.ENROL + experiments.STAY + 2 for e in EXPERIMENTS]
    starts = [e.first_day - 1 for e in EXPERIMENTS]
    assert all(a < b for a, b in zip(ends[:-1], starts[1:], strict=True))


def test_units_are_assigned_at_a_session_in_time_and_exposed_after(w, rows, plans):
    p = usage.people(w)
    for e in EXPERIMENTS:
        plan = plans[e.key]
        mine = rows.filter(pl.col("experiment_id") == plan["id"])
        assert len(mine) > 200
        assert json.loads(plan["planned_split"])["treatment"] == e.share
        assert (mine["assigned_at"] >= plan["started_at"]).all()
        seen = mine.drop_nulls("first_exposed_at")
        assert (seen["first_exposed_at"] > seen["assigned_at"]).all()
        assert 0.5 < len(seen) / len(mine) < 1.0
        assert mine["unit_id"].str.starts_with("usr_" if e.unit == "user" else "acc_").all()
        r = enrolment.enrol(w, e)
        s = usage.sessions(w, e.first_day - 1, e.first_day + 32, enrolment.running(w, 0, 99_999))
        known = set(zip(p.key[s["person"]].tolist(), s["at"].tolist(), strict=True))
        heads = zip(p.key[r.head].tolist(), r.at.tolist(), strict=True)
        assert set(heads) <= known


def test_the_redirect_loses_its_six_percent_and_no_other_experiment_is_out_of_balance(w, rows):
    lost = 0
    for e in EXPERIMENTS:
        r = enrolment.enrol(w, e)
        treated = r.arm == TREATMENT
        assert chi_square((~treated).sum(), treated.sum(), e.share) < 12, e.key
        if e.defect == "srm":
            lost = r.lost[treated].mean()
            assert 0.03 < lost < 0.10
        else:
            assert not r.lost.any()
    # At full scale, on 40,000 units, the test tells this one and only this one.
    for e in EXPERIMENTS:
        k = keys.mix(np.arange(1, 40_001, dtype=np.uint64) * keys.G ^ enrolment.arm_key(7, e))
        treated = keys.chance(k, 0, e.share)
        phone = keys.chance(k, 9, 0.42).astype(np.int64)
        gone = treated & keys.chance(k, 1, enrolment.LOST[phone] if e.defect == "srm" else 0.0)
        value = chi_square((~treated).sum(), (treated & ~gone).sum(), e.share)
        assert (value > 20) == (e.defect == "srm"), (e.key, value)


def test_without_mess_lost_units_are_recorded_and_a_change_of_sides_is_not(w):
    clean = Window(w.seed, w.paying, "none", w.facts, 0, w.hi)
    key = ["experiment_id", "unit_id", "assigned_at"]
    a, b = (
        pl.from_arrow(app.RENDERERS["experiment_assignments"](x)).unique(key) for x in (clean, w)
    )
    assert clean.facts is w.facts
    twice = a.group_by("experiment_id", "unit_id").len()
    assert twice["len"].max() == 1
    ledger = pl.from_arrow(app.LEDGERS["experiment_assignments"](w))
    missing = a.join(b, on=key, how="anti")
    added = b.join(a, on=key, how="anti")
    assert len(missing) == ledger["before"].is_not_null().sum() > 0
    assert len(added) == ledger["after"].is_not_null().sum() > 0
    assert len(app.LEDGERS["experiment_assignments"](clean)) == 0


def test_only_in_the_crossover_units_have_both_variants(rows, plans):
    both = rows.group_by("experiment_id", "unit_id").agg(pl.col("variant").n_unique())
    both = set(both.filter(pl.col("variant") > 1)["experiment_id"])
    assert both == {plans[by_defect("crossover").key]["id"]}


def test_the_null_is_null_and_the_outcome_is_that_of_the_arm(w):
    for e in EXPERIMENTS:
        y0, y1, y = (enrolment.outcome(w, e, arm) for arm in (CONTROL, TREATMENT, None))
        r = enrolment.enrol(w, e)
        plain = ~r.lost & (r.crossed < 0)
        expected = np.where(r.arm == TREATMENT, y1, y0)
        assert np.array_equal(y[plain], expected[plain]), e.key
        if e.defect == "null":
            assert np.array_equal(y0, y1)
        else:
            assert not np.array_equal(y0, y1)


def test_effects_are_found_by_whoever_compares_as_assigned(w):
    """The estimate lies within four standard errors of the true effect, and most effects are
    large enough to be told in a company of a thousand accounts."""
    told = 0
    for e in EXPERIMENTS:
        if e.defect != "none":
            continue
        r, y = enrolment.enrol(w, e), enrolment.outcome(w, e)
        y0, y1 = enrolment.outcome(w, e, CONTROL), enrolment.outcome(w, e, TREATMENT)
        a, b = y[r.arm == TREATMENT], y[r.arm == CONTROL]
        error = np.sqrt(a.var() / len(a) + b.var() / len(b))
        assert abs(a.mean() - b.mean() - (y1 - y0).mean()) < 4 * error, e.key
        told += abs(t_value(y, r.arm)) > 2
    assert told >= 6


def test_whoever_peeks_sees_a_winner_that_is_none(w):
    e = by_defect("peeking")
    r = enrolment.enrol(w, e)
    y = enrolment.outcome(w, e)
    y0, y1 = enrolment.outcome(w, e, CONTROL), enrolment.outcome(w, e, TREATMENT)
    early = r.day < e.first_day + experiments.EARLY
    assert (y1 - y0)[early].mean() > 0.08
    assert abs((y1 - y0).mean()) < 0.04
    assert t_value(y[early], r.arm[early]) > 2
    assert abs(t_value(y, r.arm)) < 2.5


def test_outcomes_can_be_told_from_the_delivered_events(w, plans, rows):
    """used_feature_14d worked out from Segment's rows is the outcome of the truth."""
    e = by_defect("null")
    lo, hi = e.started - DAY, e.ended + 8 * DAY
    events = pl.from_arrow(
        segment.RENDERERS["tracks"](Window(w.seed, w.paying, "default", w.facts, lo, hi))
    )
    used = events.filter(
        pl.col("properties").cast(pl.String).str.contains(f'"feature":"{e.feature}"')
        & (pl.col("event") != "error_shown")
    ).select("user_id", "timestamp")
    mine = rows.filter(pl.col("experiment_id") == plans[e.key]["id"])
    joined = mine.join(
        used.with_columns(pl.col("user_id").cast(pl.String)), left_on="unit_id", right_on="user_id"
    )
    after = joined["timestamp"] - joined["assigned_at"]
    inside = joined.filter((after >= pl.duration(days=0)) & (after < pl.duration(days=14)))
    found = set(inside["unit_id"])
    r, y = enrolment.enrol(w, e), enrolment.outcome(w, e)
    true = set(np.array(ids.text_id("usr_", r.unit).to_pylist())[y > 0])
    assert len(found ^ true) <= 2  # at the very edge of the fourteen days
