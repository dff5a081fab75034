"""What subscriptions and accounts were worth, day by day, and why they ended."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from taproom.world import clock
from taproom.world.clock import DAY
from taproom.world.context import Context
from taproom.world.facts import CAUSES, CURRENCIES, SUB_STATUS, TIERS, Facts
from taproom.world.people import cases
from taproom.world.render.columns import stamp, word
from taproom.world.state import ledger
from taproom.world.truth.columns import account, date, subscription


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
            "date": date(d["day"]),
            "subscription_id": subscription(seed, d["acct"], d["ord"]),
            "account_id": account(seed, survivors(facts, d["acct"], until * DAY)),
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
            "date": date(day),
            "account_id": account(seed, acct),
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
                    "subscription_id": subscription(seed, v["acct"], v["ord"]),
                    "account_id": account(seed, survivors(facts, v["acct"], until * DAY)),
                    "at": date(v["day"]),
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
            "subscription_id": subscription(seed, s["acct"], s["ord"]),
            "account_id": account(seed, s["acct"]),
            "churned_on": date(s["first"]),
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
            "account_id": account(seed, c["acct"]),
            "subscription_id": subscription(seed, c["acct"], c["ord"]),
            "at": stamp(c["at"]),
        }
    )


def tables(c: Context) -> dict[str, pa.Table]:
    """truth_mrr_daily, truth_account_daily, truth_mrr_ledger, truth_churn, truth_case."""
    d = _daily(c.seed, c.facts, c.until, c.tests)
    return {
        "truth_mrr_daily": mrr_daily(c.seed, c.facts, d, c.until),
        "truth_account_daily": account_daily(c.seed, c.facts, d, c.until),
        "truth_mrr_ledger": mrr_ledger(c.seed, c.facts, d, c.until),
        "truth_churn": churn(c.seed, c.facts, c.until, c.tests),
        "truth_case": case(c.seed, c.facts, c.until),
    }


TRUTH = (tables,)
