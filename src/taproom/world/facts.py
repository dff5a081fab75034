"""What happens in the world, as flat structured arrays: the only thing the sources render.

The engine appends facts and never changes one. A fact names its account by the global index
`acct` (not by a position in a shard), so that facts of shards can be joined and sorted. All
instants are int64 microseconds UTC; -1 means "never". Money is in minor units of `ccy`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

# --- enumerations (the value is the position) -------------------------------------------------
COUNTRIES = ("US", "GB", "DE", "CA", "AU", "FR", "NL", "IE", "JP")
CURRENCIES = ("USD", "EUR", "GBP", "CAD", "AUD", "JPY")
TIERS = ("starter", "growth", "pro", "enterprise")
GENERATIONS = ("g1", "g2")
SEGMENTS = ("solo", "group", "chain")
VENUE_TYPES = ("bar", "brewpub", "restaurant", "hotel", "stadium")
ACCOUNT_STATUS = ("trial", "active", "past_due", "paused", "churned")
SUB_STATUS = ("trialing", "active", "past_due", "unpaid", "canceled")
CAUSES = (
    "none",
    "fit",
    "champion_left",
    "outages",
    "price",
    "venue_closed",
    "payment",
    "trial",
    "switch",
)
USER_ROLES = ("owner", "manager", "staff", "analyst")
INVOICE_REASON = ("subscription_create", "subscription_cycle", "subscription_update", "manual")
DEVICE_TYPES = ("flow_monitor", "keg_sensor", "gateway")

TRIALING, ACTIVE, PAST_DUE, UNPAID, CANCELED = range(5)
FIT, CHAMPION, OUTAGES, PRICE, CLOSED, PAYMENT, TRIAL, SWITCH = range(1, 9)
CREATE, CYCLE, UPDATE, MANUAL = range(4)

_id = [("acct", "i8")]

# One row a version of a customer account, as the app knows it.
ACCOUNT_VERSION = np.dtype(
    [
        *_id,
        ("at", "i8"),
        ("status", "i1"),
        ("tier", "i1"),
        ("trial_end", "i8"),
        ("has_stripe", "?"),
        ("merged_into", "i8"),
        ("merged_at", "i8"),
        ("deleted_at", "i8"),
    ]
)

# A venue: n is its ordinal in the account, from 0.
LOCATION = np.dtype([*_id, ("n", "i4"), ("created", "i8"), ("closed", "i8")])

# A person with a login. role indexes USER_ROLES. `erased`: an erasure request came at that
# instant. Instants already decided may lie in the future; render only what has happened.
USER = np.dtype(
    [
        *_id,
        ("n", "i4"),
        ("role", "i1"),
        ("champion", "?"),
        ("invited", "i8"),
        ("activated", "i8"),
        ("deactivated", "i8"),
        ("erased", "i8"),
    ]
)

# A device: loc is the location's ordinal, n its ordinal in the account.
DEVICE = np.dtype(
    [
        *_id,
        ("n", "i4"),
        ("loc", "i4"),
        ("kind", "i1"),
        ("batch", "i2"),
        ("installed", "i8"),
        ("removed", "i8"),
    ]
)
DEVICE_FAILURE = np.dtype(
    [
        *_id,
        ("n", "i4"),
        ("at", "i8"),
        ("until", "i8"),
        ("mode", "i1"),
        ("hazard", "f8"),
    ]
)
TICKET = np.dtype(
    [
        *_id,
        ("n", "i4"),
        ("at", "i8"),
        ("solved", "i8"),
        ("priority", "i1"),
        ("about", "i1"),
    ]
)

# A version of a subscription: the state from `at` on. ord is its ordinal in the account.
SUBSCRIPTION = np.dtype(
    [
        *_id,
        ("ord", "i2"),
        ("at", "i8"),
        ("status", "i1"),
        ("ccy", "i1"),
        ("tier", "i1"),
        ("gen", "i1"),
        ("months", "i1"),
        ("qloc", "i4"),
        ("qdev", "i4"),
        ("qseat", "i4"),
        ("invoice_mode", "?"),
        ("created", "i8"),
        ("anchor", "i8"),
        ("trial_start", "i8"),
        ("trial_end", "i8"),
        ("period_start", "i8"),
        ("period_end", "i8"),
        ("period_no", "i4"),
        ("cancel_at_end", "?"),
        ("cancel_asked", "i8"),
        ("ended", "i8"),
        ("paused", "i8"),
        ("resumes", "i8"),
        ("cause", "i1"),
        ("feedback", "i1"),
        ("last_invoice", "i4"),
    ]
)

# An invoice: n is its ordinal in the account. `paid`, `failed`, `voided` are decided when it is
# made and rendered when they come. Old terms stand beside new ones on proration invoices.
INVOICE = np.dtype(
    [
        *_id,
        ("ord", "i2"),
        ("n", "i4"),
        ("at", "i8"),
        ("reason", "i1"),
        ("ccy", "i1"),
        ("tier", "i1"),
        ("gen", "i1"),
        ("months", "i1"),
        ("qloc", "i4"),
        ("qdev", "i4"),
        ("qseat", "i4"),
        ("o_tier", "i1"),
        ("o_gen", "i1"),
        ("o_months", "i1"),
        ("o_qloc", "i4"),
        ("o_qdev", "i4"),
        ("o_qseat", "i4"),
        ("p_start", "i8"),
        ("p_end", "i8"),
        ("setup", "?"),
        ("usage", "i4"),
        ("pct_off", "i4"),
        ("amt_off", "i8"),
        ("tax_bp", "i4"),
        ("mode", "i1"),
        ("due", "i8"),
        ("attempts", "i1"),
        ("paid", "i8"),
        ("gave_up", "i8"),
        ("voided", "i8"),
        ("double", "?"),
        ("subtotal", "i8"),
        ("discount", "i8"),
        ("tax", "i8"),
        ("total", "i8"),
    ]
)

# A discount on a subscription; coupon indexes the catalogue; end -1 runs on. An early end is a
# second row with the same start, at the instant it ends.
DISCOUNT = np.dtype(
    [
        *_id,
        ("ord", "i2"),
        ("at", "i8"),
        ("coupon", "i2"),
        ("start", "i8"),
        ("end", "i8"),
    ]
)

# Money that goes back. kind: 0 refund, 1 refund of a double charge with credit note,
# 2 credit note only, 3 dispute lost. reason 1: the refund ends the
# current period; 2: a renewal put right by hand. Rows may lie in the future.
MONEY_BACK = np.dtype(
    [
        *_id,
        ("ord", "i2"),
        ("invoice", "i4"),
        ("at", "i8"),
        ("kind", "i1"),
        ("amount", "i8"),
        ("reason", "i1"),
    ]
)

# Latent state, one row an account and week (Monday's date as `day`).
WEEK = np.dtype(
    [
        *_id,
        ("day", "i8"),
        ("z", "f4"),
        ("outage", "f4"),
        ("gone", "?"),
        ("open_tickets", "i2"),
    ]
)

# A decision at a renewal: the true hazard and its parts.
DECISION = np.dtype(
    [
        *_id,
        ("ord", "i2"),
        ("at", "i8"),
        ("p", "f8"),
        ("months", "i1"),
        ("z", "f4"),
        ("outage", "f4"),
        ("tickets", "i2"),
        ("gone", "?"),
        ("price_up", "?"),
        ("young", "?"),
        ("left", "?"),
        ("cause", "i1"),
        ("mrr", "f4"),
    ]
)

# A scripted case of metrics.md 3.3, so that it can be found.
CASE = np.dtype([*_id, ("ord", "i2"), ("at", "i8"), ("case", "i1")])

KINDS = {
    "account_version": ACCOUNT_VERSION,
    "location": LOCATION,
    "user": USER,
    "device": DEVICE,
    "device_failure": DEVICE_FAILURE,
    "ticket": TICKET,
    "subscription": SUBSCRIPTION,
    "invoice": INVOICE,
    "discount": DISCOUNT,
    "money_back": MONEY_BACK,
    "week": WEEK,
    "decision": DECISION,
    "case": CASE,
}


class Facts:
    """Append-only collection of facts by kind; `table(kind)` is one array."""

    def __init__(self, tables: dict[str, np.ndarray] | None = None):
        self._parts = {k: [] for k in KINDS}
        self._derived: dict[Hashable, Any] = {}
        for k, v in (tables or {}).items():
            self._parts[k].append(v.astype(KINDS[k], copy=False))

    @classmethod
    def mapped(cls, place: Path) -> Facts:
        """Facts saved as one .npy a kind, mapped into memory: read where they are looked at."""
        return cls({k: np.load(place / f"{k}.npy", mmap_mode="r") for k in KINDS})

    def add(self, kind: str, rows: np.ndarray) -> None:
        if len(rows):
            self._parts[kind].append(rows)
            self._derived.clear()

    def once(self, name: Hashable, make: Callable[[], Any]) -> Any:
        """What `make` derives from these facts, made at the first asking and kept.

        For what every window needs alike; a fact that comes later empties the store.
        """
        if name not in self._derived:
            self._derived[name] = make()
        return self._derived[name]

    def new(self, kind: str, count: int, /, **columns) -> np.ndarray:
        """Append `count` rows filled with -1 / False and the given columns; returns them."""
        rows = blank(kind, count)
        for name, value in columns.items():
            rows[name] = value
        self.add(kind, rows)
        return rows

    def count(self) -> dict[str, int]:
        """Rows by kind."""
        return {k: sum(map(len, parts)) for k, parts in self._parts.items()}

    def table(self, kind: str) -> np.ndarray:
        parts = self._parts[kind]
        if len(parts) > 1:
            self._parts[kind] = parts = [np.concatenate(parts)]
        return parts[0] if parts else np.empty(0, KINDS[kind])

    def tables(self) -> dict[str, np.ndarray]:
        return {k: self.table(k) for k in KINDS}


@cache
def _blank_row(kind: str) -> np.ndarray:
    row = np.zeros(1, KINDS[kind])
    for name in row.dtype.names:
        if row.dtype[name].kind == "i":
            row[name] = -1
    return row


def blank(kind: str, n: int) -> np.ndarray:
    """n rows of a kind, integers -1, booleans False, floats 0."""
    return np.repeat(_blank_row(kind), n)
