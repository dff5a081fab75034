"""Who leaves, who shrinks, and why: hazards at renewals, calibrated to world.md's targets.

The voluntary hazard of a renewal is logistic in the account's state on the day it is thought
over; its parts are kept in the decision fact, so that truth can name the cause and compute the
ceiling of any churn score from the true hazard.
"""

from __future__ import annotations

import numpy as np

from taproom.world import clock
from taproom.world.around import catalog
from taproom.world.draws import keys
from taproom.world.facts import CHAMPION, FIT, OUTAGES, PRICE
from taproom.world.state.invoicing import mrr_minor

# Logit at z = 0 and no trouble, by months of the plan; slope on the strain.
BASE = {1: -8.7, 3: -5.2, 12: -3.05}
SLOPE = {1: 3.4, 3: 2.0, 12: 1.2}
# Monthly chance of growth of an account at z = 0.
GROW_VENUE, GROW_PLAN, GROW_DEVICE, GROW_SEAT = 0.006, 0.010, 0.020, 0.030
# Chance to shrink at a renewal.
SHRINK = {1: 0.0055, 3: 0.018, 12: 0.055}
USD = np.array([1.0, 1.08, 1.26, 0.74, 0.66, 0.0068])


def strain(e, i, d: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """What pulls accounts i away on day d, and the parts of it."""
    p, a = e.pop, e.acc
    at = d * clock.DAY
    gone = e.champions.gone(at)[i]
    price_up = d - a["price_up"][i] < 75
    parts = {
        "fit": -np.clip(a["z"][i], -4.0, 4.0),
        "outage": 0.8 * np.minimum(a["outage"][i], 2.0),
        "tickets": 0.30 * np.minimum(a["open_tickets"][i], 4),
        "gone": 0.9 * gone,
        "price": np.where(price_up, 0.45 + 0.30 * p.price_sense[i], 0.0),
        "young": 0.25 * (d - e.signup_day[i] < 100),
        # A single bar on the smallest plan has the thinnest margin.
        "thin": 0.12 * ((p.n_loc[i] == 1) & (a["tier"][i] == 0)),
    }
    total = sum(parts.values())
    return total, parts


def by_plan(values: dict[int, float], months):
    """The value of each plan's billing interval."""
    return np.select([months == 1, months == 3], [values[1], values[3]], values[12])


def decide(e, s, d: int, at, k):
    """Draw who leaves among subscriptions s; returns (leaves, cause), arrays like s."""
    sub, x, a = e.subs.live, e.extra.live, e.acc
    i = x["local"][s]
    total, parts = strain(e, i, d)
    months = sub["months"][s]
    base, slope = by_plan(BASE, months), by_plan(SLOPE, months)
    p = keys.logistic(base + slope * total)
    leaves = keys.chance(k, 0, p)
    # The cause is the largest part above what is usual.
    weight = np.stack(
        [
            parts["fit"] * 0.55,
            parts["gone"] + 0.25 * (parts["gone"] > 0),
            parts["outage"] + parts["tickets"],
            parts["price"] + 0.1 * (parts["price"] > 0),
        ]
    )
    cause = np.array([FIT, CHAMPION, OUTAGES, PRICE], dtype=np.int8)[np.argmax(weight, axis=0)]
    if e.latent:
        ccy = sub["ccy"][s]
        e.facts.new(
            "decision",
            len(s),
            acct=sub["acct"][s],
            ord=sub["ord"][s],
            at=at,
            p=p,
            months=months,
            z=a["z"][i],
            outage=a["outage"][i],
            tickets=a["open_tickets"][i],
            gone=parts["gone"] > 0,
            price_up=parts["price"] != 0,
            young=parts["young"] > 0,
            left=leaves,
            cause=np.where(leaves, cause, 0),
            mrr=mrr_minor(sub[s]) / catalog.MINOR[ccy] * USD[ccy],
        )
    return leaves, cause


def at_renewal(e, s, d: int) -> None:
    """Terms of the new period: venues lost, things given up, the new generation of plans."""
    sub, x, a, p = e.subs.live, e.extra.live, e.acc, e.pop
    free = ~x["secondary"][s] & ~a["scripted"][x["local"][s]]
    s = s[free]
    if not len(s):
        return
    i = x["local"][s]
    sub["qloc"][s] = np.maximum(a["n_loc"][i], 1)
    sub["qdev"][s] = np.maximum(sub["qdev"][s] - x["lost"][s], 1)
    x["lost"][s] = 0
    k = keys.key(keys.stream_key(e.seed, "shrink"), x["key"][s], sub["period_no"][s])
    months = sub["months"][s]
    chance = by_plan(SHRINK, months) * keys.exp(
        0.35 * p.price_sense[i] - 0.45 * np.clip(a["z"][i], -2.5, 2.5)
    )
    shrinks = keys.chance(k, 0, np.minimum(chance, 0.6))
    what = keys.choose(k, 1, np.cumsum([0.45, 0.30, 0.25]))
    seat = shrinks & (what == 0) & (sub["qseat"][s] > 0)
    sub["qseat"][s] -= np.where(seat, 1 + sub["qseat"][s] // 3, 0)
    device = shrinks & (what == 1) & (sub["qdev"][s] > 1)
    sub["qdev"][s] -= np.where(device, 1 + sub["qdev"][s] // 4, 0)
    plan = shrinks & (what == 2) & (sub["tier"][s] > 0)
    sub["tier"][s] -= plan
    if d >= clock.DRIFT_NEW_PLANS + 60:
        m = keys.key(keys.stream_key(e.seed, "migration"), x["key"][s])
        start = clock.DRIFT_NEW_PLANS + 60 + keys.below(m, 1, 150)
        moves = (sub["gen"][s] == 0) & keys.chance(m, 0, 0.4) & (d >= start)
        sub["gen"][s] += moves
        a["price_up"][i[moves]] = d
