"""Texts of few values as dictionaries: the words once, then a position a row."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_UTC = pa.timestamp("us", "UTC")


def instants(at) -> pa.Array:
    """Instants (µs UTC, int64, none missing) as timestamps, without a copy."""
    return pa.array(np.ascontiguousarray(at, dtype=np.int64)).view(_UTC)


def dictionary(words, code) -> pa.DictionaryArray:
    """Texts by position, null where the position is negative.

    `words` is an Arrow array, or a sequence of texts, the same for every block of a table.
    """
    if not isinstance(words, pa.Array):
        words = pa.array(list(words), pa.string())
    code = np.asarray(code).astype(np.int32)
    negative = code < 0
    index = pa.array(code, mask=negative if negative.any() else None)
    return pa.DictionaryArray.from_arrays(index, words)


def hundredths(value, null=None) -> pa.Array:
    """Hundredths of a unit (int64) as exact decimals with six places; null where masked."""
    parts = np.empty((len(value), 2), dtype=np.int64)
    parts[:, 0] = value
    parts[:, 0] *= 10_000
    parts[:, 1] = parts[:, 0] >> 63
    kind = pa.decimal128(18, 6)
    out = pa.Array.from_buffers(kind, len(parts), [None, pa.py_buffer(parts)])
    return out if null is None else pc.if_else(pa.array(null), pa.scalar(None, kind), out)
