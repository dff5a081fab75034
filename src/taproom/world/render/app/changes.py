"""Versions of the rows of the application's tables, and when the connector delivers them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from taproom import contracts
from taproom.world import clock
from taproom.world.draws import keys
from taproom.world.people import names
from taproom.world.window import Window

RUN = 5 * clock.MINUTE
_JITTER = 400_000  # a commit comes up to 0.4 s after the instant it writes


@dataclass(frozen=True)
class Changes:
    """Versions of rows, sorted by row and time.

    `row` points into the table of entities, `at` is the instant the version is about, `last`
    says that no later version of the row came in the same run of the connector.
    """

    row: np.ndarray
    at: np.ndarray
    committed: np.ndarray
    arrived: np.ndarray
    first: np.ndarray
    last: np.ndarray


@dataclass(frozen=True)
class Rows:
    """Versions of rows: columns that never change, by entity, and columns by version.

    `entity` says which entity each version is of. `fixed_json` gives the JSON of the entities
    where it is kept; `nested` lists the texts that are JSON themselves.
    """

    table: str
    fixed: dict
    entity: np.ndarray
    moving: dict
    fixed_json: Callable[[], pa.StringArray] | None = None
    nested: tuple[str, ...] = ()

    def columns(self) -> dict:
        at = pa.array(self.entity)
        return {k: x.take(at) for k, x in self.fixed.items()} | self.moving

    def json(self) -> pa.StringArray:
        """Versions as JSON objects."""
        if self.fixed_json:
            fixed = self.fixed_json()
        else:
            fixed = json_rows(typed(self.table, self.fixed), self.nested)
        head = pc.ascii_rtrim(fixed, characters="}").take(pa.array(self.entity))
        tail = pc.ascii_ltrim(json_rows(typed(self.table, self.moving)), characters="{")
        return names.glue(head, tail, sep=",")


def changes(seed: int, table: str, key, row, at, again=0) -> Changes:
    """Changes of rows `row` (sorted, then by `at`); `again` counts equal instants of a row."""
    k = keys.key(keys.stream_key(seed, f"commit {table}"), key, at)
    committed = at + 1 + keys.below(k, 0, _JITTER) + again * (clock.SECOND // 2)
    arrived = (committed // RUN + 1) * RUN
    first = np.ones(len(row), dtype=bool)
    first[1:] = row[1:] != row[:-1]
    last = np.ones(len(row), dtype=bool)
    last[:-1] = first[1:] | (arrived[1:] != arrived[:-1])
    return Changes(row, at, committed, arrived, first, last)


def from_instants(seed: int, table: str, key, instants: np.ndarray) -> Changes:
    """One change for each instant that is set (not negative), equal ones of a row taken once."""
    ordered = np.sort(instants, axis=1)
    new = ordered >= 0
    new[:, 1:] &= ordered[:, 1:] != ordered[:, :-1]
    row, column = np.nonzero(new)
    return changes(seed, table, key[row], row, ordered[row, column])


def touched(w: Window, *columns: np.ndarray) -> np.ndarray:
    """Rows with an instant that can arrive in the window."""
    hit = np.zeros(len(columns[0]), dtype=bool)
    for c in columns:
        hit |= (c >= w.lo - 2 * RUN) & (c < w.hi)
    return hit


def typed(table: str, columns: dict) -> pa.Table:
    """Columns in the order and with the types of the contract."""
    fields = [f for f in contracts.load("app").tables[table].arrow_schema() if f.name in columns]
    return pa.table([pc.cast(columns[f.name], f.type) for f in fields], schema=pa.schema(fields))


def json_rows(table: pa.Table, nested=()) -> pa.StringArray:
    """Rows as JSON objects; texts in `nested` are JSON and stand as such, not as text in it."""
    frame = pl.from_arrow(table)
    out = frame.select(pl.struct(pl.all()).struct.json_encode()).to_series()
    if nested:
        quoted = {json.dumps(text): text for text in nested}
        out = out.str.replace_many(list(quoted), list(quoted.values()))
    return pc.cast(out.to_arrow(), pa.string())


def instants(at, until=None) -> pa.TimestampArray:
    """Timestamps in UTC; null where -1, and where later than `until`."""
    at = np.asarray(at, dtype=np.int64)
    absent = at < 0 if until is None else (at < 0) | (at > until)
    return pc.cast(pa.array(at, mask=absent), pa.timestamp("us", "UTC"))


def dates(day, valid=None) -> pa.Date32Array:
    mask = None if valid is None else ~valid
    return pc.cast(pa.array(np.asarray(day).astype(np.int32), mask=mask), pa.date32())
