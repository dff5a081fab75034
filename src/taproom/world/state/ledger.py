"""LT: the true MRR of every subscription on every day, straight from the facts.

Another path than the warehouse's: no delivered row is read. Definitions: docs/billing.md.
Local money here is in minor units as float64 (a twelfth of a yearly price is no integer); dollar
amounts are rounded to 1e-6 on leaving.
"""

from __future__ import annotations

import numpy as np

from taproom.world import clock
from taproom.world.around import catalog, fx
from taproom.world.clock import DAY
from taproom.world.facts import ACTIVE, CANCELED, PAST_DUE, PAYMENT, UNPAID, Facts
from taproom.world.state.invoicing import mrr_minor

SPAN = np.dtype(
    [
        ("acct", "i8"),
        ("ord", "i2"),
        ("first", "i8"),
        ("last", "i8"),
        ("ccy", "i1"),
        ("tier", "i1"),
        ("months", "i1"),
        ("status", "i1"),
        ("paused", "?"),
        ("alive", "?"),
        ("list", "f8"),
        ("net", "f8"),
        ("changed", "i8"),
        ("before", "f8"),
        ("involuntary", "?"),
    ]
)


def _code(acct, ordinal):
    return np.asarray(acct).astype(np.int64) * 1024 + ordinal


def _ends(sub: np.ndarray, back: np.ndarray) -> np.ndarray:
    """Effective end of each version's subscription (clock.FOREVER if none), aligned with sub."""
    code = _code(sub["acct"], sub["ord"])
    distinct, pos = np.unique(code, return_inverse=True)
    end = np.full(len(distinct), clock.FOREVER, dtype=np.int64)
    over = sub["status"] == CANCELED
    np.minimum.at(end, pos[over], sub["ended"][over])
    unpaid = sub["status"] == UNPAID
    np.minimum.at(end, pos[unpaid], sub["at"][unpaid])
    refund = back[back["reason"] == 1]
    where = np.searchsorted(distinct, _code(refund["acct"], refund["ord"]))
    np.minimum.at(end, where, refund["at"])
    return end[pos]


def spans(facts: Facts, until: int) -> np.ndarray:
    """Spans of days on which a subscription's MRR and status at day's end stay the same.

    first, last: inclusive days; the last span of each subscription runs to until - 1. list and
    net: local MRR in minor units, 0 where not counted. alive: the logo lives by it. changed: the
    last day on which net changed. before: net of the day before `first`. Shape (n,), by account,
    subscription, day.
    """
    sub = facts.table("subscription")
    sub = sub[sub["at"] < until * DAY]
    sub = sub[np.lexsort((sub["at"], sub["ord"], sub["acct"]))]
    back = facts.table("money_back")
    ends = _ends(sub, back[back["at"] < until * DAY])
    disc = facts.table("discount")
    disc = disc[disc["at"] < until * DAY]
    code = _code(sub["acct"], sub["ord"])
    # An early end is a later row of the same discount: keep the last word.
    d_code = _code(disc["acct"], disc["ord"])
    order = np.lexsort((disc["at"], disc["coupon"], disc["start"], d_code))
    disc, d_code = disc[order], d_code[order]
    last = np.ones(len(disc), dtype=bool)
    last[:-1] = (
        (d_code[1:] != d_code[:-1])
        | (disc["coupon"][1:] != disc["coupon"][:-1])
        | (disc["start"][1:] != disc["start"][:-1])
    )
    disc, d_code = disc[last], d_code[last]
    lasting = ~catalog.COUPON_ONCE[disc["coupon"]]
    disc, d_code = disc[lasting], d_code[lasting]
    # Days on which anything may change.
    ended = ends < until * DAY
    events = np.concatenate(
        [
            np.stack([code, sub["at"] // DAY]),
            np.stack([d_code, disc["start"] // DAY]),
            np.stack([d_code, np.where(disc["end"] < 0, until, disc["end"] // DAY)]),
            np.stack([code[ended], ends[ended] // DAY]),
        ],
        axis=1,
    )
    events = np.unique(events[:, events[1] < until], axis=1)
    e_code, day = events
    # A discount that starts before its subscription would come first: versions rule.
    instant = (day + 1) * DAY
    at = _as_of(code, sub["at"], e_code, instant)
    keep = at >= 0
    e_code, day, instant, at = e_code[keep], day[keep], instant[keep], at[keep]
    v = sub[at]
    over = ends[at] < instant
    alive = np.isin(v["status"], (ACTIVE, PAST_DUE)) & ~over
    counted = alive & (v["paused"] < 0)
    gross = np.where(counted, mrr_minor(v), 0.0)
    net = np.where(counted, _discounted(gross, v["months"], e_code, instant, disc, d_code), 0.0)
    out = np.zeros(len(v), SPAN)
    for name in ("acct", "ord", "ccy", "tier", "months"):
        out[name] = v[name]
    out["first"], out["alive"], out["paused"] = day, alive, alive & (v["paused"] >= 0)
    out["status"] = np.where(over & (v["status"] <= PAST_DUE), CANCELED, v["status"])
    out["list"], out["net"] = np.round(gross, 6), np.round(net, 6)
    out["involuntary"] = v["cause"] == PAYMENT
    same = np.r_[False, e_code[1:] == e_code[:-1]]
    out["before"] = np.where(same, np.r_[0.0, out["net"][:-1]], 0.0)
    moved = out["net"] != out["before"]
    start = np.where(~same | moved, np.arange(len(out)), 0)
    out["changed"] = day[np.maximum.accumulate(start)]
    out["last"] = np.where(np.r_[same[1:], False], np.r_[day[1:], 0] - 1, until - 1)
    return out


def _as_of(code, at, e_code, instant) -> np.ndarray:
    """Position of the version in force just before each instant, -1 where there is none."""
    # Versions are sorted by (code, at): rank of each event among them.
    n = len(code)
    order = np.lexsort(
        (np.r_[np.zeros(n), np.ones(len(e_code))], np.r_[at, instant - 1], np.r_[code, e_code])
    )
    seen = np.cumsum(order < n) - 1
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = seen
    pos = rank[n:]
    good = (pos >= 0) & (code[np.maximum(pos, 0)] == e_code)
    return np.where(good, pos, -1)


def _discounted(gross, months, e_code, instant, disc, d_code) -> np.ndarray:
    """Net of discounts in force: percentages first, then amounts per invoice over its months."""
    net = gross.copy()
    by_code = np.argsort(d_code, kind="stable")
    lo = np.searchsorted(d_code[by_code], e_code, side="left")
    hi = np.searchsorted(d_code[by_code], e_code, side="right")
    most = int((hi - lo).max()) if len(e_code) else 0
    for use_percent in (True, False):
        for j in range(most):
            has = np.flatnonzero(lo + j < hi)
            row = disc[by_code[lo[has] + j]]
            t = instant[has]
            on = (row["start"] <= t) & ((row["end"] < 0) | (t < row["end"]))
            pct = catalog.COUPON_PERCENT[row["coupon"]]
            if use_percent:
                net[has] = np.where(on, net[has] * (100 - pct) / 100.0, net[has])
            else:
                amount = catalog.COUPON_AMOUNT[row["coupon"]] / months[has]
                net[has] = np.where(on, np.maximum(net[has] - amount, 0.0), net[has])
    return net


def month_end_before(day):
    """The last month-end on or before a day."""
    return clock.month_start(clock.month_of(np.asarray(day) + 1)) - 1


def rate_day(day, changed):
    """Day whose exchange rate values the stock: the later of month-end and last change."""
    return np.maximum(month_end_before(day), changed)


def usd(seed: int, minor, ccy, day):
    """Minor units of a currency in dollars at a day's rate."""
    return minor / catalog.MINOR[ccy] * fx.rate_on(seed, ccy, day)


def daily(seed: int, facts: Facts, since: int, until: int) -> dict[str, np.ndarray]:
    """One row a subscription and day in [since, until) from its start on, as columns.

    opening_usd + fx_usd + movement_usd = mrr_usd, each in dollars, rounded to 1e-6.
    """
    s = spans(facts, until)
    s = s[s["last"] >= since]
    first = np.maximum(s["first"], since)
    count = s["last"] - first + 1
    row = np.repeat(np.arange(len(s)), count)
    day = np.repeat(first, count) + np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    v = s[row]
    on_first = day == v["first"]
    before = np.where(on_first, v["before"], v["net"])
    # The change that valued yesterday's stock: of the span before, on a span's first day.
    earlier = np.r_[-1, s["changed"][:-1]]
    same = np.r_[False, (s["acct"][1:] == s["acct"][:-1]) & (s["ord"][1:] == s["ord"][:-1])]
    previous = np.where(same, earlier, s["first"])
    changed_before = np.where(on_first, previous[row], v["changed"])
    changed_before = np.minimum(changed_before, day - 1)
    now = usd(seed, v["net"], v["ccy"], rate_day(day, v["changed"]))
    opening = usd(seed, before, v["ccy"], rate_day(day - 1, changed_before))
    # FX first, at the new rate; then the movement.
    new_rate_day = rate_day(day, v["changed"])
    restated = usd(seed, before, v["ccy"], new_rate_day)
    budget = fx.BUDGET[v["ccy"]]
    return {
        "acct": v["acct"],
        "ord": v["ord"].astype(np.int64),
        "day": day,
        "status": v["status"].astype(np.int64),
        "paused": v["paused"],
        "alive": v["alive"],
        "tier": v["tier"].astype(np.int64),
        "months": v["months"].astype(np.int64),
        "ccy": v["ccy"].astype(np.int64),
        "involuntary": v["involuntary"],
        "list_local": np.round(v["list"] / catalog.MINOR[v["ccy"]], 6),
        "mrr_local": np.round(v["net"] / catalog.MINOR[v["ccy"]], 6),
        "mrr_usd": np.round(now, 6),
        "mrr_constant_usd": np.round(v["net"] / catalog.MINOR[v["ccy"]] * budget, 6),
        "opening_usd": np.round(opening, 6),
        "fx_usd": np.round(restated - opening, 6),
        "movement_usd": np.round(now - restated, 6),
    }
