"""Subscriptions in history mode, their items and their discounts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from taproom.world import clock
from taproom.world.around import catalog
from taproom.world.clock import DAY, HOUR
from taproom.world.draws.ids import text_id
from taproom.world.facts import CANCELED, CLOSED, FIT, OUTAGES, PAYMENT, PRICE, SUB_STATUS, TIERS
from taproom.world.people.population import TAX_BP, child_key
from taproom.world.render.columns import (
    build,
    constant,
    in_window,
    integer,
    join,
    last_of,
    quoted,
    stamp,
    synced,
    word,
)
from taproom.world.render.stripe import keys_of

FEEDBACK = (
    "too_expensive",
    "missing_features",
    "switched_service",
    "unused",
    "customer_service",
    "low_quality",
    "other",
)


def ordered(w) -> np.ndarray:
    """Every subscription version, by account, subscription and time."""
    sub = w.facts.table("subscription")
    return sub[np.lexsort((sub["at"], sub["ord"], sub["acct"]))]


def next_at(sub: np.ndarray) -> np.ndarray:
    """When each version of `ordered` is followed by the next of its subscription, or -1."""
    out = np.full(len(sub), -1, dtype=np.int64)
    same = (sub["acct"][1:] == sub["acct"][:-1]) & (sub["ord"][1:] == sub["ord"][:-1])
    out[:-1][same] = sub["at"][1:][same]
    return out


def feedback_code(sub: np.ndarray) -> np.ndarray:
    """What leavers say, position in FEEDBACK: mostly their cause, sometimes something else."""
    said = sub["feedback"].astype(np.int64)
    honest = np.select(
        [
            sub["cause"] == FIT,
            sub["cause"] == OUTAGES,
            sub["cause"] == PRICE,
            sub["cause"] == CLOSED,
        ],
        [np.where(said % 2 == 0, 3, 1), np.where(said % 2 == 0, 5, 4), 0, 6],
        2,
    )
    return np.where(said < 0, -1, np.where(said < 4, honest, said))


def subscription_history(w) -> pa.Table:
    sub = ordered(w)
    until = next_at(sub)
    n = len(sub)
    row = np.r_[np.arange(n), np.flatnonzero(until >= 0)]
    closing = np.r_[np.zeros(n, dtype=bool), np.ones(len(row) - n, dtype=bool)]
    arrived = synced(np.where(closing, until[row], sub["at"][row]))
    order = np.argsort(row, kind="stable")
    row, closing, arrived = row[order], closing[order], arrived[order]
    keep = last_of((row,), arrived)
    keep = keep[(arrived[keep] >= w.lo) & (arrived[keep] < w.hi)]
    row, closing, arrived = row[keep], closing[keep], arrived[keep]
    until, sub = until[row], sub[row]
    n = len(sub)
    end = np.where(closing, until - 1000, clock.FOREVER)
    old = arrived < clock.DRIFT_PERIOD_ON_ITEM * DAY
    gave_notice = sub["cancel_at_end"] | (sub["status"] == CANCELED)
    reason = np.where(sub["cause"] == PAYMENT, 1, 0)
    reason = np.where(gave_notice & (sub["cause"] > 0), reason, -1)
    p, back = keys_of.traits(w, sub["acct"])
    return build(
        "subscription_history",
        {
            "id": keys_of.subscription(w, sub["acct"], sub["ord"]),
            "customer_id": keys_of.customer(w, sub["acct"]),
            "status": word(SUB_STATUS, sub["status"]),
            "billing": word(("charge_automatically", "send_invoice"), sub["invoice_mode"]),
            "billing_cycle_anchor": stamp(sub["anchor"]),
            "cancel_at": stamp(np.where(sub["cancel_at_end"], sub["period_end"], -1)),
            "cancel_at_period_end": pa.array(sub["cancel_at_end"] & (sub["status"] != CANCELED)),
            "canceled_at": stamp(sub["cancel_asked"]),
            "cancellation_reason": word(("cancellation_requested", "payment_failed"), reason),
            "cancellation_feedback": word(FEEDBACK, np.where(gave_notice, feedback_code(sub), -1)),
            "created": stamp(sub["created"]),
            "current_period_start": stamp(np.where(old, sub["period_start"], -1)),
            "current_period_end": stamp(np.where(old, sub["period_end"], -1)),
            "days_until_due": integer(np.full(n, 30), pa.int32(), ~sub["invoice_mode"]),
            "ended_at": stamp(sub["ended"]),
            "latest_invoice_id": _invoice_or_null(w, sub),
            "pause_collection_behavior": word(("void",), np.where(sub["paused"] >= 0, 0, -1)),
            "pause_collection_resumes_at": stamp(sub["resumes"]),
            "quantity": integer(sub["qloc"], pa.int32()),
            "start_date": stamp(sub["created"]),
            "trial_start": stamp(sub["trial_start"]),
            "trial_end": stamp(sub["trial_end"]),
            "tax_percent": pa.array(TAX_BP[p.country[back]] / 100.0),
            "livemode": pa.array(keys_of.livemode(w, sub["acct"])),
            "metadata": join(
                '{"account_id": ',
                quoted(keys_of.account(w, sub["acct"])),
                ', "plan": ',
                quoted(word(TIERS, sub["tier"])),
                "}",
            ),
            "_fivetran_active": pa.array(~closing),
            "_fivetran_start": stamp(sub["at"]),
            "_fivetran_end": stamp(end),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )


def _invoice_or_null(w, sub) -> pa.Array:
    key = child_key(w.seed, "invoice", sub["acct"], np.maximum(sub["last_invoice"], 0))
    return text_id("in_", key, sub["last_invoice"] >= 0)


def subscription_item(w) -> pa.Table:
    """One row an item and change of its quantity or price; after the drift, of its period too."""
    sub = ordered(w)
    n = len(sub)
    first = np.ones(n, dtype=bool)
    first[1:] = (sub["acct"][1:] != sub["acct"][:-1]) | (sub["ord"][1:] != sub["ord"][:-1])
    component = np.stack([sub["tier"], np.full(n, catalog.DEVICE), np.full(n, catalog.SEAT)], 1)
    quantity = np.stack([sub["qloc"], sub["qdev"], sub["qseat"]], axis=1).astype(np.int64)
    gen = np.where(component < 4, sub["gen"][:, None], 0)
    terms = component + 8 * gen + 16 * sub["months"][:, None].astype(np.int64)
    new = np.zeros((n, 3), dtype=bool)
    new[1:] = (terms[1:] != terms[:-1]) | (quantity[1:] != quantity[:-1])
    period = np.r_[True, sub["period_end"][1:] != sub["period_end"][:-1]] if n else first
    late = sub["at"] >= clock.DRIFT_PERIOD_ON_ITEM * DAY
    new |= (period & late)[:, None]
    new[first] = True
    # An item exists from the first time it has a quantity.
    ever = np.zeros((n, 3), dtype=bool)
    for c in range(3):
        has = quantity[:, c] > 0
        group = np.cumsum(first) - 1
        seen = np.cumsum(has)
        base = (seen - has)[first][group] if n else seen
        ever[:, c] = seen - base > 0
    row, c = np.nonzero(new & ever)
    arrived = synced(sub["at"][row])
    keep = last_of((sub["acct"][row], sub["ord"][row].astype(np.int64) * 4 + c), arrived)
    keep = keep[(arrived[keep] >= w.lo) & (arrived[keep] < w.hi)]
    row, c, arrived = row[keep], c[keep], arrived[keep]
    s = sub[row]
    with_period = arrived >= clock.DRIFT_PERIOD_ON_ITEM * DAY
    return build(
        "subscription_item",
        {
            "id": keys_of.item(w, s["acct"], s["ord"], c),
            "subscription_id": keys_of.subscription(w, s["acct"], s["ord"]),
            "plan_id": keys_of.price(w, gen[row, c], component[row, c], s["ccy"], s["months"]),
            "quantity": integer(quantity[row, c], pa.int32()),
            "created": stamp(s["created"]),
            "current_period_start": stamp(np.where(with_period, s["period_start"], -1)),
            "current_period_end": stamp(np.where(with_period, s["period_end"], -1)),
            "metadata": constant("{}", len(s), pa.string()),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )


def _discounts(w, arrived, rows) -> pa.Table:
    keep = in_window(w, arrived)
    d, arrived = rows[keep], arrived[keep]
    n = len(d)
    nth = d["ord"].astype(np.int64) * 64 + d["coupon"]
    codes = [c.code for c in catalog.COUPONS]
    none = constant(None, n, pa.string())
    return build(
        "discount",
        {
            "id": text_id("di_", child_key(w.seed, "discount", d["acct"], nth)),
            "coupon_id": keys_of.coupon(codes, d["coupon"]),
            "customer_id": keys_of.customer(w, d["acct"]),
            "subscription_id": keys_of.subscription(w, d["acct"], d["ord"]),
            "invoice_id": none,
            "start": stamp(d["start"]),
            "end": stamp(d["end"]),
            "checkout_session": none,
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )


def _by_time(w) -> np.ndarray:
    d = w.facts.table("discount")
    return d[np.lexsort((d["coupon"], d["ord"], d["acct"], d["at"]))]


def subscription_discount(w) -> pa.Table:
    """The table of discounts until its successor replaces it."""
    d = _by_time(w)
    d = d[synced(d["at"]) < clock.DRIFT_DISCOUNT_TABLE * DAY]
    return _discounts(w, synced(d["at"]), d)


def discount(w) -> pa.Table:
    """Its successor: begins with everything the old table knew, then goes on."""
    d = _by_time(w)
    first = clock.DRIFT_DISCOUNT_TABLE * DAY + 6 * HOUR
    arrived = synced(d["at"])
    # The first load comes at 06:00 of the day of the change, with the state of that moment.
    arrived = np.where(arrived < first, first, arrived)
    nth = (d["acct"] * 64 + d["ord"]) * 64 + d["coupon"]
    keep = last_of((nth,), arrived)
    return _discounts(w, arrived[keep], d[keep])
