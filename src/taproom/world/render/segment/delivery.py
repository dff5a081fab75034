"""When calls reach the warehouse, and with which defects.

A browser or phone stamps a call by its own clock (original_timestamp) and again when it sends it
(sent_at); Segment stamps its arrival (received_at) and works out
timestamp = received_at - (sent_at - original_timestamp), which a wrong clock cannot harm. The
warehouse takes over once an hour what has been received.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import partial

import numpy as np
import pyarrow as pa

from taproom.world import mess
from taproom.world.clock import DAY, HOUR, MINUTE, SECOND
from taproom.world.draws import keys
from taproom.world.draws.arrays import order
from taproom.world.render.segment.columns import columns
from taproom.world.render.segment.traffic import (
    CRAWLER,
    GUEST,
    IDENTIFIES,
    PAGES,
    TRACKS,
    Calls,
    strangers,
    traffic,
)
from taproom.world.window import Window

TABLES = ("tracks", "pages", "identifies")
_MS = SECOND // 1000


@dataclass(frozen=True)
class Delivered:
    """Calls with their instants (µs UTC) and defects, by arrival."""

    calls: Calls
    arrived: np.ndarray
    received: np.ndarray
    sent: np.ndarray
    original: np.ndarray
    late: np.ndarray
    twice: np.ndarray
    skewed: np.ndarray
    orphan: np.ndarray

    def __len__(self) -> int:
        return len(self.arrived)

    def take(self, rows) -> Delivered:
        rest = (getattr(self, f.name)[rows] for f in fields(self)[1:])
        return Delivered(self.calls.take(rows), *rest)


def delivered(w: Window, kind: int) -> Delivered:
    """Calls that arrive in the window, by the instant they were received and key.

    The three defects of a row are decided by three parts of one draw.
    """
    calls, table = traffic(w, kind), f"segment.{TABLES[kind]}"
    if kind == PAGES and w.mess != "none":
        calls = Calls.joined([calls, strangers(w.mess, calls)])
    draw = keys.lane(calls.key, 20)

    def part(defect: str, at: int) -> np.ndarray:
        share = int(mess.rate(w.mess, defect, table) * (1 << 20))
        return (draw >> np.uint64(at)) & np.uint64((1 << 20) - 1) < np.uint64(share)

    late = part("M01", 0)
    flight = (draw >> np.uint64(60)).astype(np.int64) * 600 + (draw & np.uint64(511)).astype(
        np.int64
    )
    wait = (50 + flight) * _MS
    # Phones and tills without a network send what they kept hours, at most a week, later.
    rows = np.flatnonzero(late)
    hours = 1.0 + keys.exponential(calls.key[rows], 22) * 18.0
    wait[rows] += (np.minimum(hours, 160.0) * 60).astype(np.int64) * MINUTE
    received = calls.at + wait + (20 + (flight & 127)) * _MS
    # Received in the hour before the warehouse's run: arrived in [lo, hi).
    kept = np.flatnonzero((received >= _run(w.lo) - HOUR) & (received < _run(w.hi) - HOUR))
    kept = kept[order(received[kept], calls.key[kept])]
    calls, received, wait = calls.take(kept), received[kept], wait[kept]
    skewed = part("M04", 40)[kept]
    original = _client_clock(calls, skewed)
    return Delivered(
        calls=calls,
        arrived=(received // HOUR + 1) * HOUR,
        received=received,
        sent=original + wait,
        original=original,
        late=late[kept],
        twice=part("M02", 20)[kept],
        skewed=skewed,
        orphan=(calls.who == GUEST) & mess.hit(w.mess, "M13", table, calls.key),
    )


def _run(at: int) -> int:
    """The first run of the warehouse at an instant or after it."""
    return -(-at // HOUR) * HOUR


def _client_clock(calls: Calls, skewed: np.ndarray) -> np.ndarray:
    """M04: clocks that began in 1970 when the power came back, or run ahead."""
    at = calls.at.copy()
    rows = np.flatnonzero(skewed)
    k = calls.key[rows]
    reset = keys.chance(k, 23, 0.5)
    uptime = keys.below(k, 24, 30 * 86_400) * SECOND
    ahead = at[rows] + HOUR + keys.below(k, 24, 700) * DAY
    at[rows] = np.where(reset, uptime, ahead)
    return at


def _render(w: Window, kind: int) -> pa.Table | None:
    rows = delivered(w, kind)
    if not len(rows):
        return None
    if rows.twice.any():
        rows = rows.take(np.repeat(np.arange(len(rows)), 1 + rows.twice.astype(np.int64)))
    return columns(w, kind, rows)


RENDERERS = {name: partial(_render, kind=i) for i, name in enumerate(TABLES)}
assert (TRACKS, PAGES, IDENTIFIES) == (0, 1, 2)


def _ledger(w: Window, kind: int) -> pa.Table:
    """Defects of the window's rows: defect, table_name, pk, column_name, before, after.

    M01, M02 and M16 are about whole rows (column `*`): lateness in seconds, a second copy, a
    stranger's call.
    """
    rows = delivered(w, kind)
    table = f"segment.{TABLES[kind]}"
    text = columns(replace(w, mess="none"), kind, rows) if len(rows) else None
    parts = []

    def add(defect: str, mask, column: str, before, after) -> None:
        at = np.flatnonzero(mask)
        if len(at):
            parts.append(
                pa.table(
                    {
                        "defect": pa.array([defect] * len(at)),
                        "table_name": pa.array([table] * len(at)),
                        "pk": text["id"].combine_chunks().take(pa.array(at)),
                        "column_name": pa.array([column] * len(at)),
                        "before": before(at),
                        "after": after(at),
                    }
                )
            )

    def none(at):
        return pa.nulls(len(at), pa.string())

    def word(value):
        return lambda at: pa.array([value] * len(at), pa.string())

    def iso(column):
        return lambda at: pa.array(column[at]).cast(pa.timestamp("us", "UTC")).cast(pa.string())

    add(
        "M01",
        rows.late,
        "*",
        none,
        lambda at: pa.array((rows.received - rows.calls.at)[at] // SECOND).cast(pa.string()),
    )
    add("M02", rows.twice, "*", word("once"), word("twice"))
    add("M04", rows.skewed, "original_timestamp", iso(rows.calls.at), iso(rows.original))
    add("M13", rows.orphan, "user_id", none, lambda at: _user(w, rows, at))
    add("M16", rows.calls.who >= CRAWLER, "*", none, word("no customer"))
    if parts:
        return pa.concat_tables(parts)
    return pa.table(
        {
            n: pa.array([], pa.string())
            for n in ("defect", "table_name", "pk", "column_name", "before", "after")
        }
    )


def _user(w: Window, rows: Delivered, at) -> pa.Array:
    from taproom.world.draws import ids
    from taproom.world.product import usage

    return ids.text_id("usr_", usage.people(w).key[rows.calls.person[at]])


LEDGERS = {name: partial(_ledger, kind=i) for i, name in enumerate(TABLES)}
