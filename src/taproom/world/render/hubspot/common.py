"""What HubSpot's tables share: the clock, identifiers, versions of rows, a short memory.

All of it is asked for once a window, so that the tables of a window agree at the cost of one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from taproom.world import clock
from taproom.world.draws import ids, keys
from taproom.world.render import columns
from taproom.world.window import Window

RUN = clock.HOUR  # the connector's rhythm
PORTAL = 24_610_377
AHEAD = 150  # days before its sign-up from which sales may know an account

STAGES = (
    "lead",
    "marketingqualifiedlead",
    "salesqualifiedlead",
    "opportunity",
    "onboarding",
    "customer",
    "evangelist",
    "other",
)
LEAD, MQL, SQL, OPPORTUNITY, ONBOARDING, CUSTOMER, EVANGELIST, OTHER = range(8)

_WINDOWS = 4  # remembered at a time: two windows, and what does not depend on their start


_OPENING = clock.FOUNDED * clock.DAY


def synced(at) -> np.ndarray:
    """When the connector delivers what changed at an instant; what was there when Tapwise opened
    (leads, deals) comes with its first run."""
    return columns.synced(np.maximum(at, _OPENING), RUN)


def since(w: Window, back: int) -> int:
    """The instant `back` before the window, in µs; for the first run of all time."""
    return w.lo - back if w.lo > _OPENING + RUN else -(1 << 62)


def shard(w: Window) -> tuple[int, int]:
    """The window's shard (k, n) of the prospects who belong to no account."""
    return getattr(w, "shard", (0, 1))


def once(w: Window, name: str, make: Callable[[], Any], whole: bool = False) -> Any:
    """What `make` gives for a window, kept while the window is one of the last asked about.

    whole: it depends on the window's end only.
    """
    memory = w.facts.once("hubspot windows", dict)
    of = (w.seed, w.paying, w.mess, None if whole else w.lo, w.hi, shard(w))
    if of not in memory:
        while len(memory) >= _WINDOWS:
            del memory[next(iter(memory))]
        memory[of] = {}
    memory[of] = memory.pop(of)  # the last asked about is forgotten last
    if name not in memory[of]:
        made = make()
        memory.setdefault(of, {})[name] = made
    return memory[of][name]


def sub_key(key, what: str, n=0):
    """Key of the n-th thing of a sort that hangs on an object."""
    return keys.key(keys.stream_key(0, f"hubspot {what}"), np.asarray(key, np.uint64), n)


def number(key) -> np.ndarray:
    """HubSpot's number of a company, an owner or an e-mail, by its key: 12 digits."""
    return ids.number(key)


def long_number(key) -> np.ndarray:
    """HubSpot's number of a contact, a deal or an engagement, of which there are many: 14 digits,
    so that no two are the same."""
    return (np.asarray(key, np.uint64) % np.uint64(90_000_000_000_000)).astype(np.int64) + 10**13


def first_at(acct, rows_acct, rows_at) -> np.ndarray:
    """Earliest instant of the rows of each account (sorted, distinct), -1 without any."""
    out = np.full(len(acct), np.iinfo(np.int64).max)
    at = np.searchsorted(acct, rows_acct)
    there = at < len(acct)
    there[there] = acct[at[there]] == rows_acct[there]
    np.minimum.at(out, at[there], rows_at[there])
    return np.where(out == np.iinfo(np.int64).max, -1, out)


def part(k, n: int, lo, hi) -> np.ndarray:
    """A keyed instant between two instants, to the second."""
    return lo + keys.below(k, n, np.maximum((hi - lo) // clock.SECOND, 1)) * clock.SECOND


def at_work(k, n: int, day) -> np.ndarray:
    """A keyed instant in the working hours of a day (13:00 to 21:00 UTC)."""
    return day * clock.DAY + 13 * clock.HOUR + keys.below(k, n, 8 * 3_600) * clock.SECOND


@dataclass(frozen=True)
class Versions:
    """Versions of rows to deliver: which entity, when it arrives, the instant it is about, and
    each property's value then (-1 while it has none)."""

    entity: np.ndarray
    arrived: np.ndarray
    at: np.ndarray
    value: dict[int, np.ndarray]


def versions(w: Window, key, entity, at, prop, value) -> Versions:
    """Rows of mutable entities from the changes of their properties.

    One row for each entity and run of the connector in which one of its properties changed,
    those that arrive in the window, by time and the entities' `key`. Changes of one instant
    count in the order given.
    """
    props = [int(p) for p in np.unique(prop)]
    touched = np.zeros(int(entity.max()) + 1 if len(entity) else 0, dtype=bool)
    arrived = synced(at)
    here = (arrived >= w.lo) & (arrived < w.hi)
    touched[entity[here]] = True
    keep = np.flatnonzero(touched[entity] & (arrived < w.hi)) if len(entity) else here.nonzero()[0]
    order = keep[np.lexsort((at[keep], entity[keep]))]
    entity, at, prop, value, arrived = (x[order] for x in (entity, at, prop, value, arrived))
    n = len(entity)
    first = np.ones(n, dtype=bool)
    first[1:] = entity[1:] != entity[:-1]
    last = np.ones(n, dtype=bool)
    last[:-1] = first[1:] | (arrived[1:] != arrived[:-1])
    last &= arrived >= w.lo
    rows = np.flatnonzero(last)
    rows = rows[np.lexsort((key[entity[rows]], arrived[rows]))]
    start = np.maximum.accumulate(np.where(first, np.arange(n), 0)) if n else first.astype(int)
    found = {}
    for p in props:
        seen = np.maximum.accumulate(np.where(prop == p, np.arange(n), -1)) if n else rows
        seen = seen[rows]
        there = seen >= start[rows]
        found[p] = np.where(there, value[np.maximum(seen, 0)], -1) if n else rows
    return Versions(entity[rows], arrived[rows], at[rows], found)


def whole(value, null=None) -> pa.Array:
    """64-bit integers, null where negative or where a mask says so."""
    value = np.asarray(value, dtype=np.int64)
    return pa.array(value, mask=value < 0 if null is None else null)


def dollars(value) -> pa.Array:
    """Whole dollars as exact decimals, null where negative."""
    value = np.asarray(value, dtype=np.int64)
    wide = pa.array(value, mask=value < 0).cast(pa.decimal128(25, 6))
    return wide.cast(pa.decimal128(18, 6))
