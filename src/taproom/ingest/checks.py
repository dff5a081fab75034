"""Row checks: which rows keep the contract and which go to quarantine, and why.

Everything is judged column by column in Arrow; Python looks at single rows only once they are
known to be broken.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from taproom.contracts import ARRIVED_AT, Column
from taproom.ingest import casts
from taproom.ingest.chunks import Chunk, Segment
from taproom.ingest.plan import Delivered

FIRST = {"z": datetime(1, 1, 1, tzinfo=UTC), "d": date(1, 1, 1)}
MICROSECOND = timedelta(microseconds=1)
LAST = {"z": datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), "d": date(9999, 12, 31)}
SHOWN = 60  # characters of a value that a reason repeats

#: why rows break the contract, by their position in the chunk
Reasons = dict[int, list[str]]


@dataclass(frozen=True)
class Broken:
    """One row that breaks the contract, by its position in its chunk and its number in its file.

    `row_json` is the row as it was delivered.
    """

    position: int
    segment: Segment
    reason: str
    row_json: str

    @property
    def row_no(self) -> int:
        return self.segment.row_no(self.position)


@dataclass(frozen=True)
class Checked:
    """A chunk after the checks: rows to load, where in the chunk they stand, and broken ones."""

    good: pa.Table
    positions: np.ndarray
    broken: list[Broken]


def check(chunk: Chunk) -> Checked:
    """Judge the rows of a chunk, and cast them to their contract's types."""
    reasons: Reasons = defaultdict(list)
    columns = {
        delivered.column.name: _column(chunk.rows.column(delivered.index), delivered, reasons)
        for delivered in chunk.plan.delivered
    }
    for segment in chunk.segments:
        _arrived_in_time(columns[ARRIVED_AT], segment, reasons)
    everything = Checked(pa.table(columns), np.arange(len(chunk.rows)), [])
    return without(everything, chunk, reasons) if reasons else everything


def without(checked: Checked, chunk: Chunk, reasons: Reasons) -> Checked:
    """Take the rows with a reason (by position in the chunk) out of the good ones."""
    positions = sorted(reasons)
    keep = ~np.isin(checked.positions, positions)
    broken = [
        Broken(position, chunk.segment(position), "; ".join(reasons[position]), row_json)
        for position, row_json in zip(positions, rows_json(chunk.rows, positions), strict=True)
    ]
    return Checked(
        checked.good.filter(pa.array(keep)),
        checked.positions[keep],
        sorted([*checked.broken, *broken], key=lambda row: row.position),
    )


def _arrived_in_time(values: pa.Array, segment: Segment, reasons: Reasons) -> None:
    """Rows of a file arrived within its batch's window."""
    batch, arrived = segment.load.batch, values.slice(segment.start, segment.rows)
    if _within(arrived, batch.start, batch.end - MICROSECOND):
        return
    start, end = pa.scalar(batch.start, values.type), pa.scalar(batch.end, values.type)
    late = pc.or_(pc.less(arrived, start), pc.greater_equal(arrived, end))
    for position in pc.indices_nonzero(late.fill_null(False)).to_pylist():
        shown = _shown(arrived[position])
        reasons[segment.start + position].append(
            f"{ARRIVED_AT} is {shown}, outside the batch's window"
        )


def _column(values: pa.Array, delivered: Delivered, reasons: Reasons) -> pa.Array:
    """Check and cast one column, adding to `reasons` by position."""
    column = delivered.column

    def say(mask: pa.Array, text: str) -> None:
        for position in pc.indices_nonzero(mask).to_pylist():
            reasons[position].append(text.replace("{value}", _shown(values[position])))

    if column.required and values.null_count:
        say(pc.is_null(values), f"{column.name} is null")
    result = casts.cast(values, column, delivered.target)
    if result.failed is not None:
        say(result.failed, f"{column.name} is {{value}}, which is no {_meaning(column)}")
    clean = result.values
    if column.enum:
        found = pc.or_(pc.is_in(clean, value_set=pa.array(column.enum)), pc.is_null(clean))
        if not pc.all(found).as_py():
            allowed = ", ".join(column.enum)
            say(pc.invert(found), f"{column.name} is {{value}}, not one of {allowed}")
    if column.type in FIRST and not _within(clean, FIRST[column.type], LAST[column.type]):
        outside = _outside(clean, FIRST[column.type], LAST[column.type])
        say(outside, f"{column.name} lies outside the years 1 to 9999")
    return clean


def _within(values: pa.Array, first, last) -> bool:
    bounds = pc.min_max(pc.cast(values, _integers(values.type)))
    low, high = bounds["min"].as_py(), bounds["max"].as_py()
    return low is None or (
        low >= _integer(first, values.type) and high <= _integer(last, values.type)
    )


def _outside(values: pa.Array, first, last) -> pa.Array:
    plain = pc.cast(values, _integers(values.type))
    return pc.or_(
        pc.less(plain, _integer(first, values.type)),
        pc.greater(plain, _integer(last, values.type)),
    ).fill_null(False)


def _integers(type_: pa.DataType) -> pa.DataType:
    return pa.int32() if pa.types.is_date32(type_) else pa.int64()


@lru_cache
def _integer(moment, type_: pa.DataType) -> int:
    return pa.scalar(moment, type_).cast(_integers(type_)).as_py()


def _meaning(column: Column) -> str:
    return {
        "t": "text",
        "i": "32-bit integer",
        "b": "64-bit integer",
        "n": "decimal number",
        "f": "number",
        "o": "truth value",
        "z": "instant in UTC",
        "d": "date",
        "j": "JSON",
    }[column.type]


def _shown(value: pa.Scalar) -> str:
    text = repr(_plain(_python(value)))
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def rows_json(chunk: pa.RecordBatch, positions: Iterable[int]) -> list[str]:
    """Rows of a chunk as JSON objects, in the types they were delivered in.

    Decimals, instants and dates become strings, so that nothing is rounded; bytes that are no
    text and characters PostgreSQL cannot hold become the replacement character.
    """
    names = chunk.schema.names
    return [
        json.dumps(
            {
                _plain(name): _plain(_python(column[position]))
                for name, column in zip(names, chunk.columns, strict=True)
            },
            ensure_ascii=False,
        )
        for position in positions
    ]


def _python(value: pa.Scalar):
    try:
        return value.as_py()
    except UnicodeDecodeError:
        return value.cast(pa.binary()).as_py()
    except (ValueError, OverflowError):  # an instant or a date outside Python's years
        return str(value.cast(_integers(value.type)).as_py())


def _plain(value):
    """A value that json can write and PostgreSQL's jsonb can read."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, str):
        return value.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {_plain(str(k)): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)
