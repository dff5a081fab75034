"""Arrow rows in PostgreSQL's binary COPY format, column by column instead of value by value.

A row of the format is the number of its fields, then for each field its length in bytes and its
value, all in network order; a null is the length -1 without a value. The rows here are joined by
one Arrow kernel from two kinds of parts: blocks of equal width (lengths, and values that are never
null) and ragged arrays (texts, and values of which some are null). That takes about half the
processor time of ADBC's encoder, which looks at every value by itself (docs/ingest.md).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TAIL = b"\xff\xff"
SLICE_ROWS = 8_192  # encoded at once: few enough to stay in the processor's cache
SLICE_BYTES = 256 << 20  # Arrow's offsets end at 2 GiB
NULL = -1
EPOCH_DAYS = 10_957  # 2000-01-01, where PostgreSQL counts from
EPOCH_MICROSECONDS = EPOCH_DAYS * 86_400_000_000
JSONB_VERSION = 1  # the byte before the text in jsonb's binary form
NEGATIVE = 0x4000  # sign of a numeric


def encoded(rows: pa.Table, json_columns: Collection[str] = ()) -> Iterator[pa.Buffer]:
    """The rows as pieces of a binary COPY, without HEAD and TAIL.

    Types: string, bool, int32, int64, float64, decimal128, timestamp[us], date32; columns named in
    `json_columns` are texts that become jsonb; others raise TypeError.
    """
    as_json = [name in json_columns for name in rows.column_names]
    for batch in rows.combine_chunks().to_batches(max_chunksize=SLICE_ROWS):
        yield from _slices(batch, as_json)


def _slices(batch: pa.RecordBatch, as_json: list[bool]) -> Iterator[pa.Buffer]:
    if batch.nbytes > SLICE_BYTES and len(batch) > 1:
        half = len(batch) // 2
        yield from _slices(batch.slice(0, half), as_json)
        yield from _slices(batch.slice(half), as_json)
    elif len(batch):
        yield _joined(batch, as_json)


def _joined(batch: pa.RecordBatch, as_json: list[bool]) -> pa.Buffer:
    parts = _Parts(len(batch))
    parts.constant(batch.num_columns, ">i2")
    for column, is_json in zip(batch.columns, as_json, strict=True):
        if column.null_count == len(column):
            parts.constant(NULL, ">i4")
        elif pa.types.is_string(column.type):
            _add_text(parts, column, is_json)
        else:
            _add_value(parts, column)
    rows = pc.binary_join_element_wise(
        *parts.arrays(), b"", null_handling="replace", null_replacement=b""
    )
    return rows.buffers()[2]


def _add_text(parts: _Parts, column: pa.Array, is_json: bool) -> None:
    valid = _valid(column)
    offsets = np.frombuffer(column.buffers()[1], np.int32)
    lengths = np.diff(offsets[column.offset : column.offset + len(column) + 1]) + is_json
    parts.fixed(lengths if valid is None else np.where(valid, lengths, NULL), ">i4")
    if is_json and valid is None:
        parts.constant(JSONB_VERSION, "u1")
    elif is_json:
        parts.ragged(np.full(len(column), JSONB_VERSION), "u1", valid)
    parts.ready(column.cast(pa.binary()))


def _add_value(parts: _Parts, column: pa.Array) -> None:
    valid = _valid(column)
    values, kind = _values(column, valid)
    width = np.dtype(kind).itemsize * values[:1].size
    if valid is None:
        parts.constant(width, ">i4")
        parts.fixed(values, kind)
    else:
        parts.fixed(np.where(valid, width, NULL), ">i4")
        parts.ragged(values, kind, valid)


def _values(column: pa.Array, valid: np.ndarray | None) -> tuple[np.ndarray, str]:
    """Numbers and the type they get in the row; those of nulls mean nothing."""
    kind = column.type
    if pa.types.is_decimal128(kind):
        return _numeric(column, valid), ">i2"
    if pa.types.is_boolean(kind):
        return column.fill_null(False).to_numpy(zero_copy_only=False), "u1"
    if pa.types.is_timestamp(kind) and kind.unit == "us":
        return _plain(column, np.int64) - EPOCH_MICROSECONDS, ">i8"
    if pa.types.is_date32(kind):
        return _plain(column, np.int32) - EPOCH_DAYS, ">i4"
    if pa.types.is_int64(kind):
        return _plain(column, np.int64), ">i8"
    if pa.types.is_int32(kind):
        return _plain(column, np.int32), ">i4"
    if pa.types.is_float64(kind):
        return _plain(column, np.float64), ">f8"
    raise TypeError(f"no binary form for {kind}")


def _numeric(column: pa.Array, valid: np.ndarray | None) -> np.ndarray:
    """Base-10000 digits after a head of four: their number, the weight of the first, sign, scale.

    Always as many digits as the type can need: PostgreSQL strips zeros on both ends.
    """
    precision, scale = column.type.precision, column.type.scale
    numbers = _unscaled(column, valid)
    before, after = -(-(precision - scale) // 4), -(-scale // 4)
    digits = np.empty((len(column), 4 + before + after), dtype=np.int16)
    digits[:, 0] = before + after
    digits[:, 1] = before - 1
    digits[:, 2] = np.where(numbers < 0, NEGATIVE, 0)
    rest = abs(numbers)
    # Zeros at the end are not shown: 1.5 is no 1.500000.
    digits[:, 3] = scale - sum(rest % 10**zeros == 0 for zeros in range(1, scale + 1))
    # The last group is filled up with zeros on its right.
    groups = [10 ** (4 - (4 * after - scale))] if after else []
    groups += [10_000] * (before + after - len(groups))
    for position, size in enumerate(groups):
        above = rest // size
        digits[:, -1 - position] = (rest - above * size) * (10_000 // size)
        rest = above
    return digits


def _unscaled(column: pa.Array, valid: np.ndarray | None) -> np.ndarray:
    """The integers behind decimals: int64 where all fit, else Python's own, which are slow."""
    words = np.frombuffer(column.buffers()[1], np.int64).reshape(-1, 2)
    low, high = words[column.offset : column.offset + len(column)].T
    fits = (high == low >> 63) & (low != np.iinfo(np.int64).min)
    if valid is not None:
        low = np.where(valid, low, 0)
        fits |= ~valid
    if fits.all():
        return low
    numbers = [(int(h) << 64) | (int(n) & (2**64 - 1)) for h, n in zip(high, low, strict=True)]
    return np.array(numbers, dtype=object)


def _plain(column: pa.Array, dtype: type) -> np.ndarray:
    values = np.frombuffer(column.buffers()[1], dtype)
    return values[column.offset : column.offset + len(column)]


def _valid(column: pa.Array) -> np.ndarray | None:
    """Which values are there; None when all are."""
    return column.is_valid().to_numpy(zero_copy_only=False) if column.null_count else None


class _Parts:
    """What the rows are joined from, left to right; neighbours of fixed width become one array."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self._arrays: list[pa.Array] = []
        self._fields: list[tuple[str, int | np.ndarray]] = []

    def constant(self, value: int, kind: str) -> None:
        self._fields.append((kind, value))

    def fixed(self, values: np.ndarray, kind: str) -> None:
        self._fields.append((kind, values))

    def ragged(self, values: np.ndarray, kind: str, valid: np.ndarray) -> None:
        """Bytes of the values that are there, nothing for the others."""
        there = np.ascontiguousarray(values[valid], dtype=kind)
        offsets = np.zeros(self.rows + 1, np.int32)
        np.cumsum(valid, out=offsets[1:])
        offsets *= np.int32(there.itemsize * values[:1].size)
        self.ready(self._binary(there, offsets))

    def ready(self, values: pa.Array) -> None:
        self._close()
        self._arrays.append(values)

    def arrays(self) -> list[pa.Array]:
        self._close()
        return self._arrays

    def _close(self) -> None:
        if not self._fields:
            return
        names = [f"f{position}" for position in range(len(self._fields))]
        shapes = [np.shape(values)[1:] for _, values in self._fields]
        kinds = [kind for kind, _ in self._fields]
        block = np.empty(self.rows, dtype=list(zip(names, kinds, shapes, strict=True)))
        for name, (_, values) in zip(names, self._fields, strict=True):
            block[name] = values
        offsets = np.arange(self.rows + 1, dtype=np.int32) * np.int32(block.itemsize)
        self._arrays.append(self._binary(block, offsets))
        self._fields = []

    def _binary(self, values: np.ndarray, offsets: np.ndarray) -> pa.Array:
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(values.reshape(-1).view(np.uint8))]
        return pa.Array.from_buffers(pa.binary(), self.rows, buffers)
