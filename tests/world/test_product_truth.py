"""What features and experiments truly do, beside what the delivered rows make of it."""

from __future__ import annotations

import company
import numpy as np
import polars as pl
import pytest

from taproom.world import clock
from taproom.world.calibrate import product as realism
from taproom.world.clock import DAY
from taproom.world.context import Context
from taproom.world.product import experiments, features
from taproom.world.truth import product


@pytest.fixture(scope="module")
def c() -> Context:
    facts = company.window().facts
    end = clock.END * DAY
    return Context(company.SEED, company.PAYING, "default", facts, end, ("app", "segment"))


@pytest.fixture(scope="module")
def truth(c) -> dict[str, pl.DataFrame]:
    return {n: pl.from_arrow(t) for make in product.TRUTH for n, t in make(c).items()}


def test_naive_association_overstates_nearly_every_feature(truth):
    t = truth["truth_feature_effect"]
    assert len(t) == features.COUNT
    assert (t["naive_association"] > t["effect"] + 0.15).mean() > 0.9
    assert t["naive_association"].mean() > 0.5
    harmful = t.filter(pl.col("beta") < 0)
    assert (harmful["naive_association"] > 0).all(), "even what drives people away seems to help"


def test_the_effect_is_that_of_the_same_draws_without_the_feature(truth):
    t = truth["truth_feature_effect"]
    assert (t.filter(pl.col("beta") == 0)["effect"] == 0).all()
    some = t.filter((pl.col("beta") != 0) & (pl.col("users") > 200))
    assert len(some) > 5
    assert (np.sign(some["effect"]) == np.sign(some["beta"])).all()
    assert (some["effect"] - some["beta"]).abs().max() < 0.03


def test_truth_of_experiments(truth):
    t, unit = truth["truth_experiment"], truth["truth_experiment_unit"]
    ended = sum(e.ended <= clock.END * DAY for e in experiments.EXPERIMENTS)
    assert len(t) == ended == 11
    assert t.filter(pl.col("defect") == "null")["ate"][0] == 0
    lost = unit.filter("is_lost")["experiment_id"].unique().to_list()
    assert lost == t.filter(pl.col("defect") == "srm")["experiment_id"].to_list()
    moved = unit.filter(pl.col("changed_sides_at").is_not_null())["experiment_id"].unique()
    assert moved.to_list() == t.filter(pl.col("defect") == "crossover")["experiment_id"].to_list()
    mean = unit.group_by("experiment_id").agg((pl.col("y1") - pl.col("y0")).mean().alias("mean"))
    both = t.join(mean, on="experiment_id")
    assert np.allclose(both["mean"], both["ate"])
    assert set(t["decision"]) == {"ship", "stop", "repeat"}
    assert (unit["first_exposed_at"] > unit["assigned_at"]).drop_nulls().all()


def test_rates_explain_activity(truth):
    """Days active are, on average, those that the rate says."""
    week = truth["truth_user_week"]
    whole = week.filter(pl.col("week") > pl.col("week").min())
    assert 0.90 < whole["active_days"].sum() / (7 * whole["daily_rate"].sum()) < 1.02
    high = whole.filter(pl.col("daily_rate") > 0.3)["active_days"].mean()
    low = whole.filter(pl.col("daily_rate") < 0.05)["active_days"].mean()
    assert high > 6 * low
    assert set(week["user_id"]) <= set(truth["truth_user_latent"]["user_id"])


def test_the_company_is_as_active_as_it_should_be(c):
    for row in (r for f in realism.ROWS for r in f(c)):
        room = (row.high - row.low) / 4
        assert row.low - room <= row.value <= row.high + room, row
