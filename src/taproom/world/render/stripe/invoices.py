"""Invoices, redelivered at every step of their life, and their lines."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from taproom.world.clock import SECOND
from taproom.world.draws.ids import text_id
from taproom.world.facts import INVOICE_REASON, UPDATE
from taproom.world.people.population import child_key
from taproom.world.render.columns import (
    build,
    constant,
    in_window,
    integer,
    join,
    last_of,
    stamp,
    synced,
    text,
    word,
)
from taproom.world.render.stripe import keys_of, timeline
from taproom.world.render.stripe.customers import prefix
from taproom.world.render.stripe.timeline import CREATED, FAILED, GAVE_UP, PAID, VOIDED
from taproom.world.state.invoicing import line_amounts

STATUS = ("draft", "open", "paid", "uncollectible", "void")
_STATUS_OF = np.array([0, 1, 1, 2, 4, 3])


def invoice(w) -> pa.Table:
    inv = timeline.ordered(w)
    row, at, what, tries = timeline.moments(inv)
    arrived = synced(at)
    keep = last_of((row,), arrived)
    keep = keep[(arrived[keep] >= w.lo) & (arrived[keep] < w.hi)]
    row, at, what, tries, arrived = (v[keep] for v in (row, at, what, tries, arrived))
    i = inv[row]
    n = len(i)
    paid = what == PAID
    failing = what == FAILED
    status = _STATUS_OF[what]
    total = i["total"]
    credit = np.minimum(total, 0)
    charged = (tries > 0) & (i["mode"] < 2)
    attempt = np.maximum(tries - 1, 0)
    next_try = np.where(
        failing & (tries < len(timeline.OFFSETS)),
        timeline.first_attempt(i) + timeline.OFFSETS[np.minimum(tries, len(timeline.OFFSETS) - 1)],
        -1,
    )
    upgrade = i["reason"] == UPDATE
    return build(
        "invoice",
        {
            "id": keys_of.invoice(w, i["acct"], i["n"]),
            "number": join(prefix(w, i["acct"]), "-", _four(i["n"] + 1)),
            "customer_id": keys_of.customer(w, i["acct"]),
            "subscription_id": keys_of.subscription(w, i["acct"], i["ord"]),
            "charge_id": text_id(
                "ch_",
                keys_of.charge_key(w, i["acct"], i["n"], attempt),
                charged | (paid & (i["mode"] == 1)),
            ),
            "billing_reason": word(INVOICE_REASON, i["reason"]),
            "status": word(STATUS, status),
            "currency": word(keys_of.CCY, i["ccy"]),
            "amount_due": integer(total - credit, pa.int64()),
            "amount_paid": integer(np.where(paid, total - credit, 0), pa.int64()),
            "amount_remaining": integer(np.where(paid, 0, total - credit), pa.int64()),
            "subtotal": integer(i["subtotal"], pa.int64()),
            "tax": integer(i["tax"], pa.int64()),
            "total": integer(total, pa.int64()),
            "attempt_count": integer(tries, pa.int32()),
            "attempted": pa.array(tries > 0),
            "auto_advance": pa.array(status < 2),
            "created": stamp(i["at"]),
            "due_date": stamp(i["due"]),
            "finalized_at": stamp(
                np.where((what == CREATED) | (what == VOIDED), -1, timeline.finalized_at(i))
            ),
            "period_start": stamp(i["p_start"]),
            "period_end": stamp(i["p_end"]),
            "next_payment_attempt": stamp(next_try),
            "paid": pa.array(paid),
            "status_transitions_paid_at": stamp(np.where(paid, i["paid"], -1)),
            "status_transitions_voided_at": stamp(np.where(what == VOIDED, i["voided"], -1)),
            "status_transitions_marked_uncollectible_at": stamp(
                np.where(what == GAVE_UP, i["gave_up"], -1)
            ),
            "subscription_proration_date": integer(i["at"] // SECOND, pa.int32(), ~upgrade),
            "is_deleted": constant(False, n, pa.bool_()),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )


def _four(number) -> pa.Array:
    import pyarrow.compute as pc

    return pc.utf8_lpad(text(number), 4, "0")


# What each column of invoicing.line_amounts is: component (0 = the plan), old terms, proration.
_COMPONENT = np.array([0, 4, 5, 7, 6, 0, 4, 5, 0, 4, 5])
_OLD = np.array([False] * 5 + [True] * 3 + [False] * 3)
_PRORATION = np.array([False] * 5 + [True] * 6)
_NAMES = ("Plan", "", "", "", "Device monitoring", "Extra seats", "API usage", "On-site set-up")


def invoice_line_item(w) -> pa.Table:
    inv = timeline.ordered(w)
    arrived = synced(inv["at"])
    at = in_window(w, arrived)
    inv, arrived = inv[at], arrived[at]
    amount = line_amounts(inv)
    row, col = np.nonzero(amount)
    i, amount, arrived = inv[row], amount[row, col], arrived[row]
    old, proration, component = _OLD[col], _PRORATION[col], _COMPONENT[col]
    tier = np.where(old, i["o_tier"], i["tier"]).astype(np.int64)
    gen = np.where(old, i["o_gen"], i["gen"]).astype(np.int64)
    months = np.where(old, i["o_months"], i["months"]).astype(np.int64)
    priced = np.where(component == 0, tier, component)
    licensed = component < 6
    quantity = np.select(
        [component == 0, component == 4, component == 5, component == 6],
        [
            np.where(old, i["o_qloc"], i["qloc"]),
            np.where(old, i["o_qdev"], i["qdev"]),
            np.where(old, i["o_qseat"], i["qseat"]),
            i["usage"],
        ],
        1,
    )
    price = keys_of.price(w, gen, priced, i["ccy"], months)
    start = np.where(proration, i["at"], i["p_start"])
    end = np.where(licensed, i["p_end"], start)
    item = np.select([component == 0, component == 4], [0, 1], 2)
    nth = i["n"].astype(np.int64) * 16 + col
    name = word(_NAMES, component)
    said = join(
        word(
            ("Unused time on ", "Remaining time on ", ""),
            np.where(proration, np.where(old, 0, 1), 2),
        ),
        name,
    )
    unit = np.where(proration, amount, amount // np.maximum(quantity, 1))
    one_off = component == 7
    return build(
        "invoice_line_item",
        {
            "id": text_id("ii_", child_key(w.seed, "line", i["acct"], nth)),
            "unique_id": text_id("il_", child_key(w.seed, "unique line", i["acct"], nth)),
            "invoice_id": keys_of.invoice(w, i["acct"], i["n"]),
            "subscription_id": keys_of.subscription(w, i["acct"], i["ord"]),
            "subscription_item_id": text_id(
                "si_",
                child_key(w.seed, "item", i["acct"], i["ord"].astype(np.int64) * 4 + item),
                licensed,
            ),
            "price_id": price,
            "plan_id": price,
            "type": word(("subscription", "invoiceitem"), (proration | one_off) * 1),
            "amount": integer(amount, pa.int64()),
            "currency": word(keys_of.CCY, i["ccy"]),
            "description": said,
            "quantity": integer(quantity, pa.int32()),
            "discountable": pa.array(licensed),
            "proration": pa.array(proration),
            "period_start": stamp(start),
            "period_end": stamp(end),
            "unit_amount_excluding_tax": text(unit),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )
