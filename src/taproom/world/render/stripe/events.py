"""Stripe's event log: what happened to which object, with what it was before."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from taproom.world import mess
from taproom.world.draws import keys
from taproom.world.draws.ids import text_id
from taproom.world.facts import SUB_STATUS
from taproom.world.people.population import child_key
from taproom.world.render.columns import (
    build,
    constant,
    in_window,
    integer,
    join,
    quoted,
    stamp,
    synced,
    text,
    word,
)
from taproom.world.render.stripe import keys_of, payments, subscriptions, timeline

API_OLD, API_NEW = "2023-10-16", "2024-04-30.course"
_SUB = (
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
)
_INVOICE = (
    "invoice.created",
    "invoice.finalized",
    "invoice.payment_failed",
    "invoice.paid",
    "invoice.voided",
    "invoice.marked_uncollectible",
)
_CHARGE = ("charge.failed", "charge.succeeded", "charge.refunded")
TYPES = (*_SUB, *_INVOICE, *_CHARGE, "customer.created")


def _subscriptions(w):
    sub = subscriptions.ordered(w)
    n = len(sub)
    first = np.ones(n, dtype=bool)
    first[1:] = (sub["acct"][1:] != sub["acct"][:-1]) | (sub["ord"][1:] != sub["ord"][:-1])
    gone = (sub["status"] == 4) & ~first
    before = np.r_[np.zeros(min(n, 1), dtype=np.int64), np.arange(n - 1)] if n else np.arange(0)
    return sub, before, np.where(first, 0, np.where(gone, 2, 1)), first


def event(w) -> pa.Table:
    tables = [_subscription_events(w), _invoice_events(w), _charge_events(w), _customer_events(w)]
    rows = pa.concat_tables(tables).combine_chunks()
    at = rows["created_us"].to_numpy()
    number = rows["order"].to_numpy()
    rows = rows.take(pa.array(np.lexsort((number, at))))
    at, key = rows["created_us"].to_numpy(), rows["key"].to_numpy()
    n = len(rows)
    from taproom.world.clock import DAY, DRIFT_PERIOD_ON_ITEM

    api = word((API_OLD, API_NEW), (at >= DRIFT_PERIOD_ON_ITEM * DAY) * 1)
    arrived = synced(at)
    out = build(
        "event",
        {
            "id": text_id("evt_", key),
            "type": rows["type"].combine_chunks(),
            "api_version": api,
            "created": stamp(at),
            "livemode": rows["livemode"].combine_chunks(),
            "object_id": rows["object_id"].combine_chunks(),
            "data": rows["data"].combine_chunks(),
            "request_id": constant(None, n, pa.string()),
            "pending_webhooks": integer(np.ones(n, dtype=np.int64), pa.int32()),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )
    return out.take(pa.array(mess.repeats(w.mess, "stripe.event", key)))


def _rows(w, acct, at, kind, key, object_id, data, order: int) -> pa.Table:
    n = len(at)
    return pa.table(
        {
            "created_us": pa.array(np.asarray(at, dtype=np.int64)),
            "key": pa.array(np.asarray(key, dtype=np.uint64)),
            "type": word(TYPES, kind),
            "livemode": pa.array(keys_of.livemode(w, acct)),
            "object_id": object_id,
            "data": data,
            "order": pa.array(np.full(n, order)),
        }
    )


def _subscription_events(w) -> pa.Table:
    sub, before, kind, first = _subscriptions(w)
    at = in_window(w, synced(sub["at"]))
    old, s, kind, first = sub[before[at]], sub[at], kind[at], first[at]
    object_id = keys_of.subscription(w, s["acct"], s["ord"])
    moved = (s["status"] != old["status"]) & ~first
    grown = (s["qloc"] != old["qloc"]) & ~first
    notice = (s["cancel_at_end"] != old["cancel_at_end"]) & ~first
    flag = ("false", "true")
    previous = join(
        _field(moved, '"status": ', quoted(word(SUB_STATUS, old["status"]))),
        _field(moved & (grown | notice), ", ", None),
        _field(grown, '"quantity": ', text(old["qloc"])),
        _field(grown & notice, ", ", None),
        _field(notice, '"cancel_at_period_end": ', word(flag, old["cancel_at_end"])),
    )
    data = join(
        '{"object": {"id": ',
        quoted(object_id),
        ', "status": ',
        quoted(word(SUB_STATUS, s["status"])),
        ', "quantity": ',
        text(s["qloc"]),
        ', "cancel_at_period_end": ',
        word(flag, s["cancel_at_end"]),
        '}, "previous_attributes": {',
        previous,
        "}}",
    )
    key = child_key(w.seed, "subscription event", s["acct"], s["at"] ^ s["ord"])
    return _rows(w, s["acct"], s["at"], kind, key, object_id, data, 1)


def _field(shown, name: str, value) -> pa.Array:
    """`name` and value where shown, else nothing."""
    import pyarrow.compute as pc

    full = join(name, value) if value is not None else constant(name, len(shown), pa.string())
    return pc.if_else(pa.array(shown), full, "")


def _invoice_events(w) -> pa.Table:
    inv = timeline.ordered(w)
    row, at, what, tries = timeline.moments(inv)
    keep = in_window(w, synced(at))
    row, at, what, tries = row[keep], at[keep], what[keep], tries[keep]
    i = inv[row]
    object_id = keys_of.invoice(w, i["acct"], i["n"])
    data = join(
        '{"object": {"id": ',
        quoted(object_id),
        ', "total": ',
        text(i["total"]),
        ', "currency": ',
        quoted(word(keys_of.CCY, i["ccy"])),
        ', "attempt_count": ',
        text(tries),
        "}}",
    )
    nth = (i["n"].astype(np.int64) * 8 + what) * 16 + tries
    key = child_key(w.seed, "invoice event", i["acct"], nth)
    return _rows(w, i["acct"], at, len(_SUB) + what, key, object_id, data, 2)


def _charge_events(w) -> pa.Table:
    inv, ch = timeline.ordered(w), payments.charges(w)
    back, pos, number = payments.money_back(w)
    refund = back["kind"] <= 1
    row = np.r_[ch["inv"], pos[refund]]
    at = np.r_[ch["at"], back["at"][refund]]
    no = np.r_[ch["no"], number[refund]]
    what = np.r_[ch["ok"] * 1, np.full(refund.sum(), 2)]
    keep = in_window(w, synced(at))
    row, at, no, what = row[keep], at[keep], no[keep], what[keep]
    i = inv[row]
    charge = keys_of.charge_key(w, i["acct"], i["n"], no)
    object_id = text_id("ch_", charge)
    data = join(
        '{"object": {"id": ',
        quoted(object_id),
        ', "amount": ',
        text(i["total"]),
        ', "currency": ',
        quoted(word(keys_of.CCY, i["ccy"])),
        "}}",
    )
    key = keys.mix(charge ^ keys.key(keys.stream_key(w.seed, "charge event"), what))
    kind = len(_SUB) + len(_INVOICE) + what
    return _rows(w, i["acct"], at, kind, key, object_id, data, 3)


def _customer_events(w) -> pa.Table:
    sub = subscriptions.ordered(w)
    s = sub[np.r_[True, sub["acct"][1:] != sub["acct"][:-1]]] if len(sub) else sub
    at = s["at"] - 60_000_000
    keep = in_window(w, synced(at))
    s, at = s[keep], at[keep]
    object_id = keys_of.customer(w, s["acct"])
    data = join('{"object": {"id": ', quoted(object_id), "}}")
    key = child_key(w.seed, "customer event", s["acct"], 0)
    return _rows(w, s["acct"], at, np.full(len(s), len(TYPES) - 1), key, object_id, data, 0)
