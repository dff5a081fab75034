"""Switching channels off with the same draws: exact, one-way, and fair in sum."""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
import polars as pl
import pytest
import worlds

from taproom.world import clock
from taproom.world.context import Context
from taproom.world.facts import Facts
from taproom.world.marketing import counterfactual, holdouts, touches
from taproom.world.marketing.channels import CHANNELS, DIRECT, EMAIL, GENERIC
from taproom.world.truth import marketing


@cache
def context(paying: int = worlds.TINY) -> Context:
    return Context(42, paying, "default", Facts(), clock.END * clock.DAY)


def test_removing_channels_only_ever_loses_sign_ups():
    _, x, spare, _ = marketing.signed(context(1_000))
    assert (spare > 0).all() and (x >= 0).all()
    rng = np.random.default_rng(7)
    for _ in range(20):
        few = rng.random(len(CHANNELS)) < 0.4
        more = few | (rng.random(len(CHANNELS)) < 0.4)
        lost_few = x[:, few].sum(axis=1) >= spare
        lost_more = x[:, more].sum(axis=1) >= spare
        assert (lost_more >= lost_few).all()


def test_nobody_is_lost_without_a_channel_never_met():
    p, x, spare, _ = marketing.signed(context(1_000))
    _, t = marketing.paths(context(1_000))
    lost = counterfactual.removal(x, spare)
    for c in range(len(CHANNELS)):
        met = np.isin(p["n"], t["n"][t["channel"] == c])
        assert not lost[~met, c].any()
    assert not lost[:, DIRECT].any()


def test_shapley_values_are_those_of_all_orders():
    _, x, spare, _ = marketing.signed(context())
    some = np.flatnonzero(x.sum(axis=1) >= spare)[:12]
    fair = counterfactual.shapley(x[some], spare[some])
    for i, row in zip(some, fair, strict=True):
        met = np.flatnonzero(x[i] > 0)
        value = np.zeros(len(CHANNELS))
        orders = list(itertools.permutations(met))
        for order in orders:
            left, here = x[i, met].sum(), int(x[i, met].sum() < spare[i])
            for c in order:
                left -= x[i, c]
                now = int(left < spare[i] - 1e-12)
                value[c] += now - here
                here = now
        assert row == pytest.approx(value / len(orders))


def test_credits_of_channels_and_baseline_make_the_sign_ups():
    d = pl.from_arrow(marketing.channel_effect(context())["truth_channel_effect"])
    by = d.group_by("month").agg(
        pl.col("shapley_sign_ups").sum(), pl.col("shapley_customers").sum(),
        pl.col("sign_ups").first(), pl.col("customers").first(),
    )  # fmt: skip
    assert by["shapley_sign_ups"].to_list() == pytest.approx(by["sign_ups"].to_list())
    assert by["shapley_customers"].to_list() == pytest.approx(by["customers"].to_list())
    assert (d["incremental_sign_ups"] <= d["sign_ups"]).all()
    assert set(d["channel"]) == {*CHANNELS, "baseline"}


def test_the_lift_test_shows_what_mail_does():
    c = context(24_000)
    p, _ = marketing.paths(c)
    done, x, spare, _ = marketing.signed(c)
    rate = [(done["arm"] == arm).sum() / (p["arm"] == arm).sum() for arm in (0, 1)]
    lost = counterfactual.removal(x, spare)[done["arm"] == 1, EMAIL].mean()
    assert 1 - rate[0] / rate[1] == pytest.approx(lost, abs=0.05)
    assert (p["arm"] == 0).sum() / (p["arm"] >= 0).sum() == pytest.approx(0.25, abs=0.02)


def test_holdouts_lose_as_many_leads_as_the_effect_says():
    d = pl.from_arrow(marketing.holdout(context(24_000))["truth_geo_holdout"])
    social = d.filter(pl.col("channel") == "social")
    share = social["leads_lost"].sum() / (social["leads"] + social["leads_lost"]).sum()
    assert 0.03 < share < 0.22
    assert (d["leads_lost"] >= 0).all() and len(d) == 7


def test_the_raised_budget_brought_some():
    d = marketing.budget_step(context(24_000))["truth_budget_step"].to_pylist()[0]
    assert 0 < d["sign_ups_lost_without"] < 0.05 * d["sign_ups_since"]
    _, t = marketing.paths(context(24_000))
    extra = t[t["step"]]
    assert (extra["at"] >= holdouts.BUDGET_STEP * clock.DAY).all()
    assert set(extra["channel"]) == {GENERIC}


def test_truth_tables_name_what_sources_name():
    c = context()
    touched = marketing.touch(c)["truth_touch"]
    assert touched["contribution"].null_count == 0
    assert min(touched["contribution"].to_pylist()) >= 0
    assert touches.WEIGHT.max() >= max(touched["contribution"].to_pylist())
    known = marketing.prospect(c)["truth_prospect"]
    assert set(touched["prospect"].to_pylist()) <= set(known["prospect"].to_pylist())
