"""The ledger of Stripe's defects: repeated events, typed addresses, test mode, edits by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from taproom.world import mess
from taproom.world.render.stripe import customers, events, payments, subscriptions
from taproom.world.window import Window

_COLUMNS = ("defect", "table_name", "pk", "column_name", "before", "after")


def _rows(defect: str, table: str, pk: pa.Array, column: str, before, after) -> pa.Table:
    n = len(pk)
    parts = (defect, f"stripe.{table}", pk, column, before, after)
    return pa.table(
        {
            c: v if isinstance(v, pa.Array) else pa.repeat(pa.scalar(v, pa.string()), n)
            for c, v in zip(_COLUMNS, parts, strict=True)
        }
    )


def customer(w: Window) -> pa.Table:
    """M07: damaged addresses. M09: customers in test mode."""
    columns = {"email": "M07", "livemode": "M09"}
    clean = customers.customer(replace(w, mess="none"))
    return mess.compare(columns, "stripe.customer", ["id"], clean, customers.customer(w))


def event(w: Window) -> pa.Table:
    """M02: events delivered twice, the second row right after the first."""
    ids = events.event(w)["id"].combine_chunks()
    again = pc.equal(ids.slice(1), ids.slice(0, max(len(ids) - 1, 0)))
    return _rows("M02", "event", ids.slice(1).filter(again), "*", "once", "twice")


def subscription_history(w: Window) -> pa.Table:
    """M14: cancellations entered by hand, effective on an earlier day."""
    rows = subscriptions.subscription_history(w)
    ended, known = (
        rows[c].combine_chunks().cast(pa.int64()) for c in ("ended_at", "_fivetran_start")
    )
    back = pc.fill_null(pc.less(ended, known), False)
    back = pc.and_(back, pc.equal(rows["status"].combine_chunks(), "canceled"))
    hit = rows.filter(back)
    iso = partial(pc.cast, target_type=pa.string())
    return _rows(
        "M14",
        "subscription_history",
        hit["id"].combine_chunks(),
        "ended_at",
        iso(hit["_fivetran_start"].combine_chunks()),
        iso(hit["ended_at"].combine_chunks()),
    )


def credit_note(w: Window) -> pa.Table:
    """M14: credit notes written by hand."""
    return _rows(
        "M14", "credit_note", payments.credit_note(w)["id"].combine_chunks(), "*", None, None
    )


def _minor(w: Window, table: str, column: str) -> pa.Table:
    """M06: amounts in minor units of the row's currency (yen have none)."""
    return _rows("M06", table, pa.array(["*"]), column, "major units", "minor units")


LEDGERS: dict[str, Callable[[Window], pa.Table | None]] = {
    "customer": customer,
    "event": event,
    "subscription_history": subscription_history,
    "credit_note": credit_note,
    **{
        table: partial(_minor, table=table, column=column)
        for table, column in (
            ("invoice", "total"),
            ("invoice_line_item", "amount"),
            ("charge", "amount"),
            ("refund", "amount"),
            ("price", "unit_amount"),
            ("balance_transaction", "amount"),
        )
    },
}
