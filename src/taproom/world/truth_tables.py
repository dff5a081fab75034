"""LT: what really happened, as Parquet, made on demand into a folder of its own.

Never loaded into the learner's database. Everything comes from the facts of the same draws that
the sources render, none of it from a delivered row.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import TaproomError
from . import cases, clock, landing, ledger
from .clock import DAY
from .engine import Engine
from .facts import CAUSES, CURRENCIES, SUB_STATUS, TIERS, Facts
from .ids import text_id
from .lifecycle import canonical, monthly
from .population import PRESETS, TEST, account_key, child_key, population
from .render import Window, app
from .render.columns import stamp, word

_DAY = pa.date32()


def _account(seed: int, acct) -> pa.Array:
    return text_id("acc_", account_key(seed, acct))


def _subscription(seed: int, acct, ordinal) -> pa.Array:
    return text_id("sub_", child_key(seed, "subscription", acct, ordinal))


def _date(day) -> pa.Array:
    return pa.array(np.asarray(day).astype(np.int32)).cast(_DAY)


def survivors(facts: Facts, acct: np.ndarray, until: int) -> np.ndarray:
    """The account each account counts as: the survivor of a merge known before `until` (µs)."""
    v = facts.table("account_version")
    v = v[(v["merged_into"] >= 0) & (v["merged_at"] < until)]
    into = dict(zip(v["acct"].tolist(), v["merged_into"].tolist(), strict=True))
    return np.array([into.get(int(a), int(a)) for a in acct], dtype=np.int64) if into else acct


def _daily(seed: int, facts: Facts, until: int, tests: np.ndarray) -> dict[str, np.ndarray]:
    d = ledger.daily(seed, facts, clock.START, until)
    keep = ~np.isin(d["acct"], tests)
    return {k: v[keep] for k, v in d.items()}


def mrr_daily(seed: int, facts: Facts, d: dict, until: int) -> pa.Table:
    """truth_mrr_daily: a row a subscription and complete day of the window, from its start."""
    return pa.table(
        {
            "date": _date(d["day"]),
            "subscription_id": _subscription(seed, d["acct"], d["ord"]),
            "account_id": _account(seed, survivors(facts, d["acct"], until * DAY)),
            "status": word(SUB_STATUS, d["status"]),
            "is_paused": pa.array(d["paused"]),
            "is_alive": pa.array(d["alive"]),
            "plan_tier": word(TIERS, d["tier"]),
            "interval_months": pa.array(d["months"]),
            "currency": word(CURRENCIES, d["ccy"]),
            **{
                k: pa.array(d[k])
                for k in (
                    "list_local",
                    "mrr_local",
                    "mrr_usd",
                    "mrr_constant_usd",
                    "opening_usd",
                    "fx_usd",
                    "movement_usd",
                )
            },
        }
    )


def account_daily(seed: int, facts: Facts, d: dict, until: int) -> pa.Table:
    """truth_account_daily: official movements per account and day (docs/billing.md, rule 16)."""
    acct = survivors(facts, d["acct"], until * DAY)
    order = np.lexsort((d["day"], acct))
    acct, day = acct[order], d["day"][order]
    first = np.r_[True, (acct[1:] != acct[:-1]) | (day[1:] != day[:-1])] if len(acct) else []
    start = np.flatnonzero(first)
    total = {
        k: np.add.reduceat(d[k][order], start)
        for k in ("opening_usd", "fx_usd", "movement_usd", "mrr_usd", "mrr_constant_usd")
    }
    alive = np.maximum.reduceat(d["alive"][order].astype(np.int8), start) > 0
    acct, day = acct[start], day[start]
    same = np.r_[False, acct[1:] == acct[:-1]]
    before = _book(facts, seed, d, until)
    was_alive = np.where(same, np.r_[False, alive[:-1]], np.isin(acct, before["alive"]))
    paid_before = _ever(acct, same, total["mrr_usd"] > 1e-9) | np.isin(acct, before["paid"])
    delta, closing = total["movement_usd"], total["mrr_usd"]
    moved = np.abs(delta) > 1e-9
    kind = np.select(
        [
            ~moved,
            ~paid_before & (closing > 0),
            was_alive & alive & (delta > 0),
            was_alive & alive,
            was_alive & ~alive,
            ~was_alive & alive,
        ],
        [0, 1, 2, 3, 4, 5],
        0,
    )
    names = ("none", "new", "expansion", "contraction", "churn", "reactivation")
    return pa.table(
        {
            "date": _date(day),
            "account_id": _account(seed, acct),
            **{k: pa.array(np.round(v, 6)) for k, v in total.items()},
            "is_alive": pa.array(alive),
            "movement_type": word(names, kind),
            "is_churned_logo": pa.array(was_alive & ~alive),
        }
    )


def _ever(acct, same, positive) -> np.ndarray:
    """Whether an earlier row of the same account was positive."""
    seen = np.cumsum(positive)
    group = np.cumsum(~same) - 1
    base = (seen - positive)[~same][group]
    return (seen - positive - base) > 0


def _book(facts: Facts, seed: int, d: dict, until: int) -> dict[str, np.ndarray]:
    """Accounts that lived on the eve of the window, and those that had ever paid by then."""
    eve = ledger.daily(seed, facts, clock.START - 1, clock.START)
    spans = ledger.spans(facts, clock.START)
    who = survivors(facts, eve["acct"], until * DAY)
    paid = survivors(facts, spans["acct"][spans["net"] > 0], until * DAY)
    return {"alive": np.unique(who[eve["alive"]]), "paid": np.unique(paid)}


def mrr_ledger(seed: int, facts: Facts, d: dict, until: int) -> pa.Table:
    """truth_mrr_ledger: one row a change of a subscription's MRR in dollars (fx rows too)."""
    out = []
    for kind, column in ((0, "fx_usd"), (1, "movement_usd")):
        at = np.flatnonzero(np.abs(d[column]) > 1e-9)
        v = {k: x[at] for k, x in d.items()}
        local = np.where(kind == 0, 0.0, _local_change(d)[at])
        ever = _ever_paid(d)[at]
        name = (
            np.full(len(at), 5)
            if kind == 0
            else np.select(
                [v["opening_usd"] + v["fx_usd"] <= 1e-9, ~v["alive"], v["movement_usd"] > 0],
                [np.where(ever, 1, 0), 3, 1],
                2,
            )
        )
        out.append(
            pa.table(
                {
                    "subscription_id": _subscription(seed, v["acct"], v["ord"]),
                    "account_id": _account(seed, survivors(facts, v["acct"], until * DAY)),
                    "at": _date(v["day"]),
                    "movement_type": word(
                        ("new", "expansion", "contraction", "churn", "reactivation", "fx"), name
                    ),
                    "delta_local": pa.array(np.round(local, 6)),
                    "delta_usd": pa.array(v[column]),
                }
            )
        )
    return pa.concat_tables(out)


def _local_change(d: dict) -> np.ndarray:
    order = np.lexsort((d["day"], d["ord"], d["acct"]))
    code = (d["acct"] * 1024 + d["ord"])[order]
    local = d["mrr_local"][order]
    before = np.where(np.r_[False, code[1:] == code[:-1]], np.r_[0.0, local[:-1]], 0.0)
    out = np.empty(len(local))
    out[order] = local - before
    return out


def _ever_paid(d: dict) -> np.ndarray:
    order = np.lexsort((d["day"], d["ord"], d["acct"]))
    code = (d["acct"] * 1024 + d["ord"])[order]
    same = np.r_[False, code[1:] == code[:-1]]
    out = np.empty(len(code), dtype=bool)
    out[order] = _ever(code, same, d["mrr_local"][order] > 0)
    return out


def churn(seed: int, facts: Facts, until: int, tests) -> pa.Table:
    """truth_churn: each end of a subscription's life with its cause."""
    s = ledger.spans(facts, until)
    same = np.r_[False, (s["acct"][1:] == s["acct"][:-1]) & (s["ord"][1:] == s["ord"][:-1])]
    over = same & ~s["alive"] & np.r_[False, s["alive"][:-1]] & ~np.isin(s["acct"], tests)
    s = s[over]
    sub = facts.table("subscription")
    sub = sub[np.lexsort((sub["at"], sub["ord"], sub["acct"]))]
    code = sub["acct"] * 1024 + sub["ord"]
    last = np.searchsorted(code, s["acct"] * 1024 + s["ord"], side="right") - 1
    return pa.table(
        {
            "subscription_id": _subscription(seed, s["acct"], s["ord"]),
            "account_id": _account(seed, s["acct"]),
            "churned_on": _date(s["first"]),
            "cause": word(CAUSES, sub["cause"][last]),
            "is_involuntary": pa.array(s["involuntary"]),
        }
    )


def case(seed: int, facts: Facts, until: int) -> pa.Table:
    """truth_case: which subscription plays which disputed case, and when."""
    c = facts.table("case")
    c = c[c["at"] < until * DAY]
    return pa.table(
        {
            "case": word(cases.NAMES, c["case"]),
            "account_id": _account(seed, c["acct"]),
            "subscription_id": _subscription(seed, c["acct"], c["ord"]),
            "at": stamp(c["at"]),
        }
    )


def latent(seed: int, paying: int, facts: Facts) -> pa.Table:
    """truth_account_latent: what the accounts are made of."""
    acct = np.unique(facts.table("account_version")["acct"])
    p = population(seed, paying, acct)
    segment = np.select([p.n_loc == 1, p.n_loc < 10], [0, 1], 2)
    return pa.table(
        {
            "account_id": _account(seed, acct),
            "is_test": pa.array(p.cls == TEST),
            **{
                n: pa.array(getattr(p, n))
                for n in (
                    "fit",
                    "economics",
                    "price_sense",
                    "skill",
                    "champion",
                    "environment",
                    "tech",
                )
            },
            "segment_at_signup": word(("solo", "group", "chain"), segment),
        }
    )


def weeks(seed: int, facts: Facts) -> pa.Table:
    """truth_account_week: usage level, outage load, champion gone, open tickets."""
    w = facts.table("week")
    w = w[w["day"] >= clock.START - 7]
    return pa.table(
        {
            "account_id": _account(seed, w["acct"]),
            "week": _date(w["day"]),
            "z": pa.array(w["z"]),
            "outage_load": pa.array(w["outage"]),
            "champion_gone": pa.array(w["gone"]),
            "open_tickets": pa.array(w["open_tickets"].astype(np.int32)),
        }
    )


def decisions(seed: int, facts: Facts) -> pa.Table:
    """truth_hazard: every renewal thought over, with the true hazard of leaving."""
    d = facts.table("decision")
    return pa.table(
        {
            "subscription_id": _subscription(seed, d["acct"], d["ord"]),
            "account_id": _account(seed, d["acct"]),
            "at": stamp(d["at"]),
            "hazard": pa.array(d["p"]),
            "interval_months": pa.array(d["months"].astype(np.int32)),
            "left": pa.array(d["left"]),
            "cause": word(CAUSES, d["cause"]),
        }
    )


def failures(seed: int, facts: Facts) -> pa.Table:
    """truth_device_failure: when and how devices failed, with the hazard of that week."""
    f = facts.table("device_failure")
    return pa.table(
        {
            "device_id": text_id("dev_", child_key(seed, "device", f["acct"], f["n"])),
            "failed_at": stamp(f["at"]),
            "repaired_at": stamp(f["until"]),
            "mode": pa.array(f["mode"].astype(np.int32)),
            "hazard": pa.array(f["hazard"]),
        }
    )


def mess_ledger(seed: int, paying: int, mess: str, facts: Facts, as_of: int) -> pa.Table:
    """truth_mess: each defect of the delivered rows, with the value before and after."""
    return app.ledger(Window(seed, paying, mess, facts, 0, as_of))


def truth(root: Path, out: Path | None = None, progress=None) -> Path:
    """Write every truth table for the world below root; returns the folder (root/truth).

    Simulates the world again from its foundation with the latent states kept, so it takes as
    long as making the world.
    """
    root = Path(root)
    manifest = landing.read_manifest(root)
    if manifest is None:
        raise TaproomError("There is no world here", str(root), "make one: ./taproom world init")
    out = Path(out) if out else root / "truth"
    seed, paying = manifest["seed"], PRESETS[manifest["scale"]]
    as_of = clock.parse(manifest["as_of"])
    until = as_of // DAY
    engine = Engine(seed, paying, latent=True)
    engine.run(-(-as_of // DAY), monthly(progress) if progress else None)
    facts = canonical(engine.facts)
    pop = population(seed, paying, np.unique(facts.table("account_version")["acct"]))
    tests = pop.acct[pop.cls == TEST]
    d = _daily(seed, facts, until, tests)
    tables = {
        "truth_mrr_daily": mrr_daily(seed, facts, d, until),
        "truth_account_daily": account_daily(seed, facts, d, until),
        "truth_mrr_ledger": mrr_ledger(seed, facts, d, until),
        "truth_churn": churn(seed, facts, until, tests),
        "truth_case": case(seed, facts, until),
        "truth_account_latent": latent(seed, paying, facts),
        "truth_account_week": weeks(seed, facts),
        "truth_hazard": decisions(seed, facts),
        "truth_device_failure": failures(seed, facts),
        "truth_mess": mess_ledger(seed, paying, manifest["mess"], facts, as_of),
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        pq.write_table(table, out / f"{name}.parquet", compression="zstd")
    return out
