"""How an account fared in a given week, asked for any accounts and days at once."""

from __future__ import annotations

import numpy as np

from taproom.world import clock
from taproom.world.facts import Facts

_ALIVE = (0, 1, 2)  # trial, active, past_due


def monday(day) -> np.ndarray:
    """The Monday on or before a day."""
    day = np.asarray(day, dtype=np.int64)
    return day - (day - clock.FOUNDED - 1) % 7


class Weeks:
    """The weekly states of the accounts in some facts.

    Each method takes account indices and days (arrays that broadcast) and gives the value on the
    Monday of that week. Before the first Monday after sign-up all are 0; a day after the last
    simulated week has that week's value.
    """

    def __init__(self, facts: Facts):
        w = facts.table("week")
        order = np.lexsort((w["day"], w["acct"]))
        if not np.array_equal(order, np.arange(len(w))):
            w = w[order]
        self._columns = {n: np.ascontiguousarray(w[n]) for n in w.dtype.names[2:]}
        acct = np.ascontiguousarray(w["acct"])
        first = np.flatnonzero(np.r_[True, acct[1:] != acct[:-1]]) if len(w) else np.empty(0, int)
        count = np.diff(np.r_[first, len(w)])
        # By account index, so that a lookup needs no search.
        size = int(acct[-1]) + 1 if len(w) else 0
        self._first = np.zeros(size, dtype=np.int64)
        self._count = np.zeros(size, dtype=np.int64)
        self._monday = np.zeros(size, dtype=np.int64)
        self._first[acct[first]], self._count[acct[first]] = first, count
        self._monday[acct[first]] = w["day"][first]

    def _get(self, name: str, acct, day) -> np.ndarray:
        column = self._columns[name]
        acct, day = np.broadcast_arrays(np.asarray(acct, dtype=np.int64), monday(day))
        known = acct < len(self._first)
        a = np.where(known, acct, 0)
        if not len(column):
            return np.zeros(acct.shape, column.dtype)
        n = (day - self._monday[a]) // 7
        there = known & (n >= 0) & (self._count[a] > 0)
        at = self._first[a] + np.clip(n, 0, np.maximum(self._count[a] - 1, 0))
        return np.where(there, column[np.where(there, at, 0)], column.dtype.type(0))

    def z(self, acct, day) -> np.ndarray:
        """Usage level, float32."""
        return self._get("z", acct, day)

    def outage(self, acct, day) -> np.ndarray:
        """Load of outages, float32."""
        return self._get("outage", acct, day)

    def gone(self, acct, day) -> np.ndarray:
        """Whether the champion has left and no successor is in place."""
        return self._get("gone", acct, day)

    def open_tickets(self, acct, day) -> np.ndarray:
        """Tickets open on that Monday, int16."""
        return self._get("open_tickets", acct, day)


def alive(facts: Facts, acct, day) -> np.ndarray:
    """Whether accounts are in trial, active or past due at the end of days (UTC)."""
    code, status = facts.once("alive by day", lambda: _by_day(facts))
    acct, day = np.broadcast_arrays(np.asarray(acct, np.int64), np.asarray(day, np.int64))
    if not len(code):
        return np.zeros(acct.shape, dtype=bool)
    at = np.searchsorted(code, (acct << 24) | day, side="right") - 1
    same = (at >= 0) & (code[np.maximum(at, 0)] >> 24 == acct)
    return same & np.isin(status[np.maximum(at, 0)], _ALIVE)


def _by_day(facts: Facts) -> tuple[np.ndarray, np.ndarray]:
    v = facts.table("account_version")
    v = v[np.lexsort((v["at"], v["acct"]))]
    return (v["acct"] << 24) | (v["at"] // clock.DAY), v["status"].copy()
