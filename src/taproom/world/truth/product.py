"""What features and experiments truly do, and what decides who is active."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from taproom.world import clock
from taproom.world.clock import DAY
from taproom.world.context import Context
from taproom.world.draws.ids import text_id
from taproom.world.facts import USER_ROLES
from taproom.world.product import enrolment, experiments, features, usage
from taproom.world.product.experiments import CONTROL, EXPERIMENTS, TREATMENT
from taproom.world.render.columns import stamp, word
from taproom.world.state import weekly
from taproom.world.truth.columns import account, date

SOURCES = ("app", "segment")
_SPAN = 28  # days in which features were used, and days in which activity is compared
_POWER = 2.80  # 1.96 + 0.84: two-sided 5%, power 80%


def _feature(seed: int, index) -> pa.Array:
    return text_id("ftr_", features.feature_keys(seed)[index])


def _user(p: usage.People, index) -> pa.Array:
    return text_id("usr_", p.key[index])


def _active_days(s: np.ndarray, n: int) -> np.ndarray:
    """Days with a use of any feature, by person."""
    s = s[s["uses"] > 0]
    code = np.unique(s["person"].astype(np.int64) << 24 | s["day"])
    return np.bincount(code >> 24, minlength=n)


def feature_effect(c: Context) -> dict[str, pa.Table]:
    """truth_feature_effect: what each feature adds to activity, and what it seems to add.

    beta: on the log of the daily rate of a person who has taken to it. effect: log ratio of the
    active days of those people in the last 28 days, as they were and with the feature's effect
    switched off (the same draws). naive_association: log ratio of the active days in those 28
    days of people who used the feature in the 28 days before, and of others whose plan has it,
    in the delivered events.
    """
    w, p = c.window(), usage.people(c.window())
    d1, mid, d0 = c.until, c.until - _SPAN, c.until - 2 * _SPAN
    switches = enrolment.running(w, mid, d1)
    days = _active_days(usage.sessions(w, mid, d1, switches), len(p))
    there = weekly.alive(c.facts, p.acct, mid) & (p.start < mid * DAY) & (p.end >= d1 * DAY)
    tier = usage.plan(c.facts, p.acct, mid)
    seen, active = _delivered(c, p, d0, mid, d1)
    rows = []
    for i, f in enumerate(features.FEATURES):
        open_to = there & (tier >= f.min_plan)
        taken = open_to & (p.taken[:, i] <= mid)
        effect = 0.0
        if f.beta and taken.any():
            other = usage.sessions(w, mid, d1, switches, np.flatnonzero(taken), without=i)
            with_it, without = days[taken].sum(), _active_days(other, len(p))[taken].sum()
            effect = float(np.log(with_it / without)) if with_it and without else 0.0
        users = open_to & seen[i]
        rest = open_to & ~seen[i]
        naive = np.nan
        if users.any() and rest.any() and active[rest].any() and active[users].any():
            naive = float(np.log(active[users].mean() / active[rest].mean()))
        rows.append((f.key, f.beta, effect, naive, int(users.sum()), int(rest.sum())))
    key, beta, effect, naive, users, rest = map(list, zip(*rows, strict=True))
    return {
        "truth_feature_effect": pa.table(
            {
                "feature_id": _feature(c.seed, np.arange(features.COUNT)),
                "feature": pa.array(key),
                "beta": pa.array(beta),
                "effect": pa.array(effect),
                "naive_association": pa.array(naive, from_pandas=True),
                "users": pa.array(users),
                "non_users": pa.array(rest),
            }
        )
    }


def _delivered(c: Context, p: usage.People, d0: int, mid: int, d1: int):
    """Who used each feature from d0 to mid (features x people), and everybody's active days from
    mid to d1, in the delivered events; errors are no use."""
    import polars as pl

    found = c.rows("segment", "tracks", d0 * DAY, c.as_of)
    seen = np.zeros((features.COUNT, len(p)), dtype=bool)
    active = np.zeros(len(p))
    if found is None:
        return seen, active
    events = pl.from_arrow(found.select(["user_id", "event", "timestamp", "properties"]))
    events = events.with_columns(pl.col(pl.Categorical).cast(pl.String))
    person = pl.DataFrame({"user_id": _user(p, slice(None)).to_pylist(), "person": range(len(p))})
    feature = pl.DataFrame({"feature": list(features.INDEX), "number": range(features.COUNT)})
    events = (
        events.filter(pl.col("event") != "error_shown")
        .with_columns(
            pl.col("properties").str.json_path_match("$.feature").alias("feature"),
            (pl.col("timestamp").dt.epoch("d")).alias("day"),
        )
        .join(feature, on="feature")
        .join(person, on="user_id")
    )
    early = events.filter((pl.col("day") >= d0) & (pl.col("day") < mid))
    seen[early["number"].to_numpy(), early["person"].to_numpy()] = True
    late = events.filter((pl.col("day") >= mid) & (pl.col("day") < d1))
    days = late.select("person", "day").unique()
    np.add.at(active, days["person"].to_numpy(), 1.0)
    return seen, active


def experiment(c: Context) -> dict[str, pa.Table]:
    """truth_experiment and truth_experiment_unit of the experiments that have ended.

    y0, y1: outcome of the unit in control and in treatment, from the same draws. ate: mean of
    y1 - y0 over all units that enrolled, lost ones too. mde: what a test of this size finds in
    four of five cases at 5%. decision: what is right to do, knowing all.
    """
    w = c.window()
    units, rows = [], []
    for e in EXPERIMENTS:
        if e.ended > c.as_of:
            continue
        r = enrolment.enrol(w, e)
        if not len(r):
            continue
        y0, y1 = (enrolment.outcome(w, e, arm) for arm in (CONTROL, TREATMENT))
        happened = enrolment.recorded(w, r)
        key = experiments.experiment_keys(c.seed)[e.number]
        units.append(
            pa.table(
                {
                    "experiment_id": text_id("exp_", np.full(len(r), key)),
                    "unit_id": text_id("usr_" if e.unit == "user" else "acc_", r.unit),
                    "variant": word(experiments.VARIANTS, r.arm),
                    "assigned_at": stamp(r.at),
                    "first_exposed_at": stamp(happened.exposed),
                    "is_lost": pa.array(r.lost),
                    "changed_sides_at": stamp(happened.moved),
                    "y0": pa.array(y0),
                    "y1": pa.array(y1),
                }
            )
        )
        n = np.bincount(r.arm, minlength=2)
        effect = float((y1 - y0).mean())
        spread = float(np.sqrt(y0.var() * (1 / max(n[0], 1) + 1 / max(n[1], 1))))
        rows.append(
            {
                "experiment_id": text_id("exp_", np.array([key]))[0].as_py(),
                "experiment": e.key,
                "feature": e.feature,
                "defect": e.defect,
                "primary_metric": e.metric,
                "units": len(r),
                "mean_y0": float(y0.mean()),
                "mean_y1": float(y1.mean()),
                "ate": effect,
                "mde": _POWER * spread,
                "decision": _decision(e, effect),
            }
        )
    if not rows:
        return {}
    return {
        "truth_experiment": pa.Table.from_pylist(rows),
        "truth_experiment_unit": pa.concat_tables(units),
    }


def _decision(e: experiments.Experiment, effect: float) -> str:
    if e.defect == "srm":
        return "repeat"
    if e.defect in ("null", "peeking"):
        return "stop"
    return "ship" if effect > 0 else "stop"


def activity(c: Context) -> dict[str, pa.Table]:
    """truth_user_latent and truth_user_week: taste, and how likely a person was to be active on
    a day of a week, beside the days on which he or she was (complete weeks, local dates)."""
    w, p = c.window(), usage.people(c.window())
    born = p.start < c.as_of
    first = int(weekly.monday(clock.START)) + 7
    mondays = np.arange(first, c.until - 6, 7)
    parts = []
    for lo in range(0, len(mondays), 13):
        some = mondays[lo : lo + 13]
        parts.append(_weeks(c, w, p, int(some[0]), int(some[-1]) + 7))
    return {
        "truth_user_latent": pa.table(
            {
                "user_id": _user(p, born),
                "account_id": account(c.seed, p.acct[born]),
                "role": word(USER_ROLES, p.role[born]),
                "taste": pa.array(p.taste[born]),
                "features_taken_to": pa.array((p.taken[born] < c.until).sum(axis=1)),
            }
        ),
        "truth_user_week": pa.concat_tables(parts),
    }


def _weeks(c: Context, w, p: usage.People, d0: int, d1: int) -> pa.Table:
    weeks = (d1 - d0) // 7
    switches = enrolment.running(w, d0, d1)
    s = usage.sessions(w, d0, d1, switches)
    s = s[s["uses"] > 0]
    # Local dates begin and end up to half a day beside those of UTC.
    who = np.flatnonzero((p.start < (d1 + 1) * DAY) & (p.end > (d0 - 1) * DAY))
    mondays = d0 + 7 * np.arange(weeks)
    there = weekly.alive(c.facts, p.acct[who][:, None], mondays + 3)
    there &= (p.start[who][:, None] < (mondays + 7) * DAY) & (p.end[who][:, None] > mondays * DAY)
    i, j = np.nonzero(there)
    rate = np.empty(there.shape, dtype=np.float32)
    for lo in range(0, len(who), 2_048):
        block = who[lo : lo + 2_048]
        daily = usage.rates(w, p, block, d0, d1, switches)
        rate[lo : lo + 2_048] = daily.reshape(len(block), weeks, 7).mean(axis=2)
    position = np.full(len(p), -1)
    position[who] = np.arange(len(who))
    at = position[s["person"]] * weeks + (s["day"] - d0) // 7
    opened = np.bincount(at, minlength=len(who) * weeks).reshape(there.shape)
    code = np.unique(at * 8 + (s["day"] - d0) % 7) // 8
    days = np.bincount(code, minlength=len(who) * weeks).reshape(there.shape)
    return pa.table(
        {
            "user_id": _user(p, who[i]),
            "week": date(mondays[j]),
            "daily_rate": pa.array(rate[i, j]),
            "active_days": pa.array(days[i, j].astype(np.int32)),
            "sessions": pa.array(opened[i, j].astype(np.int32)),
        }
    )


TRUTH = (feature_effect, experiment, activity)
