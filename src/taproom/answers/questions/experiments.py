"""Controlled experiments read anew: who was drawn, what they did, what may be said of it."""

from __future__ import annotations

import json
import math
from datetime import timedelta

import numpy as np
import polars as pl

from taproom.answers.questions.activity import uses
from taproom.answers.questions.reference import Delivered, reference

MISMATCH, SURE = 0.001, 0.05


@reference("Q37")
def experiment_results(given: Delivered) -> pl.DataFrame:
    land = given.landing
    features = land.newest("app", "features").select(feature_id="id", feature_key="key",
                                                     feature_name="name")  # fmt: skip
    known = land.rows("app", "experiments").sort("_arrived_at", maintain_order=True)
    known = known.unique("id", keep="last").filter(pl.col("status") != "draft")
    rows = [_row(given, one) for one in known.join(features, on="feature_id").to_dicts()]
    return pl.DataFrame([row for row in rows if row], infer_schema_length=None)


def _row(given: Delivered, one: dict) -> dict | None:
    units = _units(given, one)
    arms = ("control", "treatment")
    drawn = [units.filter(pl.col("variant") == arm) for arm in arms]
    split = json.loads(one["planned_split"])
    expected = [units.height * split[arm] for arm in arms]
    chi = sum((len(d) - e) ** 2 / e for d, e in zip(drawn, expected, strict=True))
    mismatch = math.erfc(math.sqrt(chi / 2))
    days = 14 if one["primary_metric"] == "used_feature_14d" else 28
    over = units.filter(pl.col("assigned_at") + timedelta(days=days) <= given.landing.as_of)
    outcome = _outcome(given, one, over)
    if outcome is None or min(len(values) for values in outcome) < 2:
        return None
    control, treatment = outcome
    lift = treatment.mean() - control.mean()
    share = one["primary_metric"] == "used_feature_14d"
    p = _shares(control, treatment) if share else _welch(control, treatment)
    if one["status"] != "completed":
        decision = "running"
    elif mismatch < MISMATCH:
        decision = "repeat"
    else:
        decision = "ship" if p is not None and p < SURE and lift > 0 else "stop"
    return {
        "feature_name": one["feature_name"],
        "experiment_name": one["key"],
        "control_units": len(drawn[0]),
        "treatment_units": len(drawn[1]),
        "control_mean": control.mean(),
        "treatment_mean": treatment.mean(),
        "lift_abs": lift,
        "p_value": p,
        "srm_p_value": mismatch,
        "split_as_planned": mismatch >= MISMATCH,
        "decision": decision,
    }


def _units(given: Delivered, one: dict) -> pl.DataFrame:
    """unit_id, account (as delivered), variant, assigned_at: units of accounts that count."""
    rows = given.landing.newest("app", "experiment_assignments")
    rows = rows.filter(pl.col("experiment_id") == one["id"]).sort("assigned_at", "variant")
    rows = rows.unique("unit_id", keep="first", maintain_order=True)
    if one["unit"] == "user":
        owners = given.landing.newest("app", "users").select(unit_id="id", account="account_id")
        rows = rows.join(owners, on="unit_id")
    else:
        rows = rows.with_columns(account=pl.col("unit_id"))
    return rows.filter(pl.col("account").is_in(list(given.survivor)))


def _outcome(given: Delivered, one: dict, units: pl.DataFrame) -> list[np.ndarray]:
    """The primary metric of each unit, by arm: control, treatment."""
    people = given.landing.newest("app", "users").select(
        "activated_at", user_id="id", account="account_id"
    )
    of = "user_id" if one["unit"] == "user" else "account"
    events = uses(given).select("user_id", "at", "date", "feature").join(people, on="user_id")
    mine = events.join(
        units.select("unit_id", "assigned_at"), left_on=of, right_on="unit_id", coalesce=False
    )
    share = one["primary_metric"] == "used_feature_14d"
    length = timedelta(days=14 if share else 28)
    mine = mine.filter(
        pl.col("at") >= pl.col("assigned_at"), pl.col("at") < pl.col("assigned_at") + length
    )
    if share:
        used = set(mine.filter(pl.col("feature") == one["feature_key"])["unit_id"])
        values = units.with_columns(value=pl.col("unit_id").is_in(list(used)).cast(pl.Float64))
    else:
        days = mine.unique(["unit_id", "user_id", "date"]).group_by("unit_id").agg(days=pl.len())
        values = units.join(days, on="unit_id", how="left").with_columns(
            value=pl.col("days").fill_null(0).cast(pl.Float64)
        )
        if of == "account":
            heads = units.join(people, left_on="unit_id", right_on="account").filter(
                pl.col("activated_at") < pl.col("assigned_at") + length
            )
            heads = heads.group_by("unit_id").agg(heads=pl.len())
            values = values.join(heads, on="unit_id", how="left").with_columns(
                value=pl.col("value") / pl.col("heads").fill_null(1)
            )
    return [
        values.filter(pl.col("variant") == arm)["value"].to_numpy()
        for arm in ("control", "treatment")
    ]


def _shares(control: np.ndarray, treatment: np.ndarray) -> float | None:
    """Two-sided p-value of the difference of two shares, by the pooled share."""
    n, m = len(control), len(treatment)
    pooled = (control.sum() + treatment.sum()) / (n + m)
    variance = pooled * (1 - pooled) * (1 / n + 1 / m)
    if variance == 0:
        return None
    return math.erfc(abs(treatment.mean() - control.mean()) / math.sqrt(2 * variance))


def _welch(control: np.ndarray, treatment: np.ndarray) -> float | None:
    """Two-sided p-value of Welch's test; the tail of Student's t by numerical integration."""
    a, b = (x.var(ddof=1) / len(x) for x in (control, treatment))
    if a + b == 0:
        return None
    df = (a + b) ** 2 / (a**2 / (len(control) - 1) + b**2 / (len(treatment) - 1))
    t = abs(treatment.mean() - control.mean()) / math.sqrt(a + b)
    x = np.linspace(0.0, t, 20_001)
    log_scale = math.lgamma((df + 1) / 2) - math.lgamma(df / 2) - 0.5 * math.log(df * math.pi)
    density = np.exp(log_scale - (df + 1) / 2 * np.log1p(x * x / df))
    return 1 - 2 * float(np.trapezoid(density, x))
