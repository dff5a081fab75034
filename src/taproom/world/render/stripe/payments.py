"""Money that moves: charges, refunds, disputes, credit notes, balance transactions."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from taproom.world import mess
from taproom.world.around import catalog, fx
from taproom.world.clock import DAY
from taproom.world.draws import keys
from taproom.world.draws.ids import text_id
from taproom.world.people.population import child_key
from taproom.world.render.columns import (
    build,
    constant,
    in_window,
    integer,
    last_of,
    stamp,
    synced,
    word,
)
from taproom.world.render.stripe import keys_of, timeline
from taproom.world.state.invoicing import divide

DOUBLE = 8  # number of the second charge of an invoice charged twice
DISPUTE_DAYS = 15


def charges(w) -> np.ndarray:
    """Every charge attempt: inv (position in timeline.ordered), no, at, ok."""
    inv = timeline.ordered(w)
    fails = timeline.failed_attempts(inv)
    rows = np.arange(len(inv))
    f_row = np.repeat(rows, fails)
    f_no = np.arange(len(f_row)) - np.repeat(np.cumsum(fails) - fails, fails)
    paid = np.flatnonzero((inv["paid"] >= 0) & (inv["mode"] < 2) & (inv["total"] > 0))
    twice = np.flatnonzero(inv["double"] & (inv["paid"] >= 0))
    out = np.zeros(
        len(f_row) + len(paid) + len(twice),
        [("inv", "i8"), ("no", "i8"), ("at", "i8"), ("ok", "?")],
    )
    out["inv"] = np.concatenate([f_row, paid, twice])
    out["no"] = np.concatenate(
        [f_no, np.maximum(inv["attempts"][paid] - 1, 0), np.full(len(twice), DOUBLE)]
    )
    out["at"] = np.concatenate(
        [
            timeline.first_attempt(inv)[f_row] + timeline.OFFSETS[f_no],
            inv["paid"][paid],
            inv["paid"][twice] + 90 * 1_000_000,
        ]
    )
    out["ok"] = np.arange(len(out)) >= len(f_row)
    return out[np.lexsort((out["no"], out["at"], out["inv"]))]


def money_back(w) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(facts of money going back, position of their invoice, number of the charge it undoes)."""
    inv = timeline.ordered(w)
    back = w.facts.table("money_back")
    back = back[np.lexsort((back["at"], back["acct"]))].copy()
    code = inv["acct"] * 100_000 + inv["n"]
    wanted = back["acct"] * 100_000 + back["invoice"]
    pos = np.searchsorted(code, wanted)
    known = (pos < len(code)) & (code[np.minimum(pos, len(code) - 1)] == wanted)
    back, pos = back[known], pos[known]
    good = (inv["total"][pos] > 0) & (inv["paid"][pos] >= 0)
    back, pos = back[good], pos[good]
    back["amount"] = np.where(back["amount"] < 0, inv["total"][pos], back["amount"])
    number = np.where(back["kind"] == 1, DOUBLE, np.maximum(inv["attempts"][pos] - 1, 0))
    return back, pos, number


def charge(w) -> pa.Table:
    inv, ch = timeline.ordered(w), charges(w)
    back, pos, number = money_back(w)
    # A refunded charge is delivered again at the refund.
    refund = back["kind"] <= 1
    code = ch["inv"] * 16 + ch["no"]
    by_code = np.argsort(code)
    again = by_code[np.searchsorted(code[by_code], pos[refund] * 16 + number[refund])]
    row = np.r_[np.arange(len(ch)), again]
    gone = np.r_[np.zeros(len(ch), dtype=np.int64), back["amount"][refund]]
    arrived = synced(np.r_[ch["at"], back["at"][refund]])
    keep = last_of((row,), arrived)
    keep = keep[(arrived[keep] >= w.lo) & (arrived[keep] < w.hi)]
    row, gone, arrived = row[keep], gone[keep], arrived[keep]
    c = ch[row]
    i = inv[c["inv"]]
    n, ok = len(c), c["ok"]
    key = keys_of.charge_key(w, i["acct"], i["n"], c["no"])
    why = keys.below(key, 0, 3)
    card = i["mode"] == 0
    p, person = keys_of.traits(w, i["acct"])
    card_id = text_id("card_", keys.mix(p.key ^ keys.stream_key(w.seed, "card"))[person], card)
    code = word(("card_declined", "expired_card", "insufficient_funds"), np.where(ok, -1, why))
    # M06: some rows carry the currency in capitals.
    shout = mess.hit(w.mess, "M06", "stripe.charge", key)
    currency = word(
        (*keys_of.CCY, *(x.upper() for x in keys_of.CCY)), i["ccy"] + len(keys_of.CCY) * shout
    )
    return build(
        "charge",
        {
            "id": text_id("ch_", key),
            "amount": integer(i["total"], pa.int64()),
            "amount_refunded": integer(gone, pa.int64()),
            "balance_transaction_id": text_id("txn_", _transaction(w, key), ok),
            "captured": pa.array(ok),
            "card_id": card_id,
            "created": stamp(c["at"]),
            "currency": currency,
            "customer_id": keys_of.customer(w, i["acct"]),
            "invoice_id": keys_of.invoice(w, i["acct"], i["n"]),
            "payment_intent_id": text_id("pi_", _intent(w, i, c["no"])),
            "failure_code": code,
            "failure_message": word(
                (
                    "Your card was declined.",
                    "Your card has expired.",
                    "Your card has insufficient funds.",
                ),
                np.where(ok, -1, why),
            ),
            "outcome_type": word(("authorized", "issuer_declined"), (~ok) * 1),
            "outcome_reason": word(
                ("generic_decline", "expired_card", "insufficient_funds"), np.where(ok, -1, why)
            ),
            "outcome_risk_level": constant("normal", n, pa.string()),
            "paid": pa.array(ok),
            "refunded": pa.array((gone > 0) & (gone == i["total"])),
            "status": word(("failed", "succeeded"), ok * 1),
            "receipt_email": constant(None, n, pa.string()),
            "livemode": pa.array(keys_of.livemode(w, i["acct"])),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )


def _transaction(w, key):
    return keys.mix(key ^ keys.stream_key(w.seed, "balance transaction"))


def _intent(w, inv, number):
    """One payment intent an invoice; a double charge has its own."""
    nth = inv["n"].astype(np.int64) * 2 + (number == DOUBLE)
    return child_key(w.seed, "payment intent", inv["acct"], nth)


def _back_rows(w, kinds, delay: int = 0):
    inv = timeline.ordered(w)
    back, pos, number = money_back(w)
    pick = np.isin(back["kind"], kinds)
    back, pos, number = back[pick], pos[pick], number[pick]
    arrived = synced(back["at"] + delay)
    at = in_window(w, arrived)
    return back[at], inv[pos[at]], number[at], arrived[at]


def _back_key(w, what: str, back):
    nth = back["invoice"].astype(np.int64) * 16 + back["kind"] * 4 + back["reason"]
    return child_key(w.seed, what, back["acct"], nth)


def refund(w) -> pa.Table:
    back, inv, number, arrived = _back_rows(w, (0, 1))
    n = len(back)
    key = _back_key(w, "refund", back)
    return build(
        "refund",
        {
            "id": text_id("re_", key),
            "amount": integer(back["amount"], pa.int64()),
            "charge_id": text_id("ch_", keys_of.charge_key(w, inv["acct"], inv["n"], number)),
            "payment_intent_id": text_id("pi_", _intent(w, inv, number)),
            "balance_transaction_id": text_id("txn_", _transaction(w, key)),
            "currency": word(keys_of.CCY, inv["ccy"]),
            "reason": word(("requested_by_customer", "duplicate"), back["kind"]),
            "status": constant("succeeded", n, pa.string()),
            "created": stamp(back["at"]),
            "description": constant(None, n, pa.string()),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )


def credit_note(w) -> pa.Table:
    back, inv, _, arrived = _back_rows(w, (1, 2))
    n = len(back)
    return build(
        "credit_note",
        {
            "id": text_id("cn_", _back_key(w, "credit note", back)),
            "invoice_id": keys_of.invoice(w, inv["acct"], inv["n"]),
            "refund_id": text_id("re_", _back_key(w, "refund", back), back["kind"] == 1),
            "amount": integer(back["amount"], pa.int64()),
            "reason": word(("duplicate", "product_unsatisfactory"), back["kind"] - 1),
            "status": constant("issued", n, pa.string()),
            "type": constant("post_payment", n, pa.string()),
            "created": stamp(back["at"]),
            "voided_at": stamp(np.full(n, -1)),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )


def dispute(w) -> pa.Table:
    parts = []
    for status, delay in (("needs_response", 0), ("lost", DISPUTE_DAYS * DAY)):
        back, inv, number, arrived = _back_rows(w, (3,), delay)
        n = len(back)
        parts.append(
            build(
                "dispute",
                {
                    "id": text_id("dp_", _back_key(w, "dispute", back)),
                    "charge_id": text_id(
                        "ch_", keys_of.charge_key(w, inv["acct"], inv["n"], number)
                    ),
                    "amount": integer(back["amount"], pa.int64()),
                    "currency": word(keys_of.CCY, inv["ccy"]),
                    "reason": constant("product_not_received", n, pa.string()),
                    "status": constant(status, n, pa.string()),
                    "created": stamp(back["at"]),
                    "_fivetran_synced": stamp(arrived),
                },
                arrived,
            )
        )
    return pa.concat_tables(parts)


def balance_transaction(w) -> pa.Table:
    """What reaches Tapwise's balance, in US cents after Stripe's fee (2.9% and 30 cents)."""
    inv, ch = timeline.ordered(w), charges(w)
    ch = ch[ch["ok"]]
    i = inv[ch["inv"]]
    back, pos, _ = money_back(w)
    refunds, lost = back[back["kind"] <= 1], back[back["kind"] == 3]
    r_inv, l_inv = inv[pos[back["kind"] <= 1]], inv[pos[back["kind"] == 3]]
    charge_keys = keys_of.charge_key(w, i["acct"], i["n"], ch["no"])
    refund_keys, lost_keys = _back_key(w, "refund", refunds), _back_key(w, "dispute", lost)
    what = np.repeat([0, 1, 2], [len(ch), len(refunds), len(lost)])
    at = np.r_[ch["at"], refunds["at"], lost["at"]]
    key = np.r_[charge_keys, refund_keys, lost_keys]
    ccy = np.r_[i["ccy"], r_inv["ccy"], l_inv["ccy"]].astype(np.int64)
    amount = np.r_[i["total"], -refunds["amount"], -lost["amount"]]
    order = np.lexsort((key, at))
    arrived = synced(at[order])
    order = order[in_window(w, arrived)]
    what, at, key, ccy, amount = (v[order] for v in (what, at, key, ccy, amount))
    arrived = synced(at)
    rate = fx.rate_e8(w.seed, ccy, at // DAY)
    cents = divide(amount * rate, 10**6 * catalog.MINOR[ccy])
    fee = np.select([what == 0, what == 2], [divide(cents * 29, 1000) + 30, 1500], 0)
    source = pa.chunked_array(
        [
            pa.concat_arrays(
                [
                    text_id("ch_", key[what == 0]),
                    text_id("re_", key[what == 1]),
                    text_id("dp_", key[what == 2]),
                ]
            )
        ]
    ).combine_chunks()
    back_to = np.empty(len(what), dtype=np.int64)
    back_to[np.argsort(what, kind="stable")] = np.arange(len(what))
    n = len(what)
    return build(
        "balance_transaction",
        {
            "id": text_id("txn_", _transaction(w, key)),
            "amount": integer(cents, pa.int64()),
            "fee": integer(fee, pa.int64()),
            "net": integer(cents - fee, pa.int64()),
            "currency": constant("usd", n, pa.string()),
            "exchange_rate": pa.array(rate / fx.UNIT, mask=ccy == 0),
            "type": word(("charge", "refund", "adjustment"), what),
            "reporting_category": word(("charge", "refund", "dispute"), what),
            "source": source.take(pa.array(back_to)),
            "status": constant("available", n, pa.string()),
            "available_on": stamp((at // DAY + 2) * DAY),
            "created": stamp(at),
            "payout_id": text_id("po_", keys.key(keys.stream_key(w.seed, "payout"), at // DAY + 2)),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )
