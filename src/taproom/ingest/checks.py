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
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from taproom.contracts import ARRIVED_AT, Column
from taproom.ingest import casts
from taproom.ingest.manifest import Batch
from taproom.ingest.plan import Delivered, Plan

FIRST = {"z": datetime(1, 1, 1, tzinfo=UTC), "d": date(1, 1, 1)}
LAST = {"z": datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), "d": date(9999, 12, 31)}
SHOWN = 60  # characters of a value that a reason repeats


@dataclass(frozen=True)
class Broken:
    """One row that breaks the contract. `row_json` is the row as it was delivered."""

    row_no: int
    reason: str
    row_json: str


@dataclass(frozen=True)
class Checked:
    """A chunk of a file after the checks: rows to load (with `_row_no` last) and broken ones."""

    good: pa.Table
    broken: list[Broken]


def check(chunk: pa.RecordBatch, first_row: int, plan: Plan, batch: Batch) -> Checked:
    """Judge a chunk whose first row is row number `first_row` (from 0) of its file."""
    reasons: dict[int, list[str]] = defaultdict(list)
    names, columns = [], []
    for delivered in plan.delivered:
        values = chunk.column(delivered.index)
        columns.append(_column(values, delivered, batch, reasons))
        names.append(delivered.column.name)
    names.append("_row_no")
    columns.append(pa.array(np.arange(first_row, first_row + len(chunk))))
    table = pa.table(columns, names=names)
    if not reasons:
        return Checked(table, [])
    return divide(table, chunk, reasons, first_row)


def divide(
    table: pa.Table, chunk: pa.RecordBatch, reasons: dict[int, list[str]], first_row: int
) -> Checked:
    """Take the rows with a reason (by position in the chunk) out of a table."""
    positions = sorted(reasons)
    keep = np.ones(len(chunk), dtype=bool)
    keep[positions] = False
    return Checked(
        table.filter(pa.array(keep)),
        [
            Broken(first_row + position, "; ".join(reasons[position]), row_json)
            for position, row_json in zip(positions, rows_json(chunk, positions), strict=True)
        ],
    )


def _column(
    values: pa.Array, delivered: Delivered, batch: Batch, reasons: dict[int, list[str]]
) -> pa.Array:
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
    if column.name == ARRIVED_AT:
        late = pc.or_(
            pc.less(clean, pa.scalar(batch.start, clean.type)),
            pc.greater_equal(clean, pa.scalar(batch.end, clean.type)),
        )
        if pc.any(late).as_py():
            say(late.fill_null(False), f"{ARRIVED_AT} is {{value}}, outside the batch's window")
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
