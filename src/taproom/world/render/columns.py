"""Columns of rendered tables: from integer facts to Arrow arrays, nulls where a fact has -1."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from taproom.world.clock import MINUTE

_UTC = pa.timestamp("us", "UTC")


def synced(at, run: int = 15 * MINUTE) -> np.ndarray:
    """The connector's next run after an instant: when a row arrives in the landing folder."""
    return (np.asarray(at) // run + 1) * run


def stamp(at) -> pa.Array:
    """Instants as timestamps, null where negative."""
    at = np.asarray(at, dtype=np.int64)
    return pa.array(at, mask=at < 0).cast(_UTC)


def integer(value, kind: pa.DataType, null=None) -> pa.Array:
    """Integers of a type, null where the mask says so."""
    value = np.asarray(value)
    return pa.array(value, mask=null).cast(kind)


def word(values, code) -> pa.Array:
    """Texts by code, null where the code is negative."""
    code = np.asarray(code, dtype=np.int64)
    index = pa.array(np.maximum(code, 0), mask=code < 0)
    return pa.array(list(values), pa.string()).take(index)


def constant(value, n: int, kind: pa.DataType) -> pa.Array:
    """The same value in n rows (null for None)."""
    return pa.repeat(pa.scalar(value, kind), n)


def text(array) -> pa.Array:
    """Numbers as text."""
    return pa.array(array).cast(pa.string())


def join(*parts) -> pa.Array:
    """Concatenate texts and arrays of texts, row by row; null where a part is null."""
    parts = [pa.scalar(p) if isinstance(p, str) else p for p in parts]
    return pc.binary_join_element_wise(*parts, "")


def quoted(array) -> pa.Array:
    """JSON strings (the texts hold no quotes or backslashes), `null` for null."""
    out = join('"', array, '"')
    return pc.fill_null(out, "null")


def in_window(w, arrived) -> np.ndarray:
    """Positions of the rows that arrive in the window."""
    return np.flatnonzero((arrived >= w.lo) & (arrived < w.hi))


def last_of(key_columns, arrived) -> np.ndarray:
    """Positions to keep when rows of one key arrive in one sync run: the last of each.

    key_columns: integer arrays; rows must be in the order in which they happened.
    """
    n = len(arrived)
    order = np.lexsort((np.arange(n), arrived, *reversed(key_columns)))
    same = np.ones(max(n - 1, 0), dtype=bool)
    for column in (*key_columns, arrived):
        c = np.asarray(column)[order]
        same &= c[1:] == c[:-1]
    keep = np.r_[~same, True] if n else np.empty(0, dtype=bool)
    return np.sort(order[keep])


def build(table_name: str, columns: dict, arrived) -> pa.Table:
    """Arrow table of a rendered source table with `_arrived_at` last."""
    arrays = dict(columns)
    arrays["_arrived_at"] = stamp(arrived)
    return pa.table(arrays)
