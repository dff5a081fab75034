"""Arrays of the running state: one row an account, a subscription, a device, a location."""

from __future__ import annotations

import numpy as np

from taproom.world.facts import DEVICE, SUBSCRIPTION

ACCOUNT = np.dtype(
    [
        ("z", "f8"),
        ("outage", "f8"),
        ("status", "i1"),
        ("tier", "i1"),
        ("primary", "i8"),
        ("subs", "i2"),
        ("invoices", "i4"),
        ("tickets", "i4"),
        ("open_tickets", "i4"),
        ("locations", "i4"),
        ("devices", "i4"),
        ("seats", "i4"),
        ("n_loc", "i4"),
        ("users", "i4"),
        ("back", "i8"),
        ("scripted", "?"),
        ("step", "i2"),
        ("closing", "?"),
        ("price_up", "i8"),
        ("has_stripe", "?"),
        ("merged", "i8"),
        ("merged_at", "i8"),
        ("deleted", "i8"),
        ("trial_end", "i8"),
        ("step_at", "i8"),
    ]
)

# What a subscription carries beside its delivered version. The first line holds instants at
# which something is due, -1 when nothing is.
EXTRA = np.dtype(
    [
        ("decide", "i8"),
        ("recover", "i8"),
        ("unpaid", "i8"),
        ("close", "i8"),
        ("overdue", "i8"),
        ("undo", "i8"),
        ("refund", "i8"),
        ("local", "i8"),
        ("pct", "i4"),
        ("pct_end", "i8"),
        ("amt", "i8"),
        ("amt_end", "i8"),
        ("once_pct", "i4"),
        ("once_amt", "i8"),
        ("paid_total", "i8"),
        ("cycle_invoice", "i4"),
        ("key", "u8"),
        ("lost", "i4"),
        ("failures", "i4"),
        ("secondary", "?"),
    ]
)
DUE = ("decide", "recover", "unpaid", "close", "overdue", "undo", "refund")

FLEET = np.dtype([*DEVICE.descr, ("local", "i8"), ("until", "i8"), ("key", "u8")])
VENUE = np.dtype([("local", "i8"), ("n", "i4"), ("closed", "i8")])
OPEN_TICKET = np.dtype([("local", "i8"), ("solved", "i8")])


class Rows:
    """A structured array that grows by doubling; `[:]` is the live part."""

    def __init__(self, dtype: np.dtype, rows: np.ndarray | None = None):
        self.n = 0 if rows is None else len(rows)
        self._store = np.zeros(max(256, 2 * self.n), dtype)
        if rows is not None:
            self._store[: self.n] = rows

    def __len__(self) -> int:
        return self.n

    @property
    def live(self) -> np.ndarray:
        return self._store[: self.n]

    def extend(self, n: int) -> np.ndarray:
        """Add n zeroed rows; returns their positions."""
        if self.n + n > len(self._store):
            bigger = np.zeros(max(2 * len(self._store), self.n + n), self._store.dtype)
            bigger[: self.n] = self.live
            self._store = bigger
        at = np.arange(self.n, self.n + n)
        self.n += n
        self._store[at] = np.zeros((), self._store.dtype)
        return at


__all__ = ["ACCOUNT", "DUE", "EXTRA", "FLEET", "OPEN_TICKET", "SUBSCRIPTION", "VENUE", "Rows"]
