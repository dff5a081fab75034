"""The careful second look: find values that PostgreSQL cannot keep.

A text with a zero character or broken UTF-8, and a JSON column that holds no JSON, stop a COPY.
Looking at every value would slow every load down, so it is done only for a batch that was stopped.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from taproom.ingest.checks import Broken, Checked, rows_json
from taproom.ingest.plan import Plan
from taproom.ingest.store import Store


def take_out(
    store: Store, plan: Plan, chunk: pa.RecordBatch, first_row: int, checked: Checked
) -> Checked:
    """Move rows with values that cannot be kept from the good to the broken ones.

    `chunk` are the rows as delivered, beginning with row number `first_row` of the file.
    """
    good = checked.good
    reasons: dict[int, list[str]] = defaultdict(list)
    for delivered in plan.delivered:
        column = delivered.column
        if column.type not in "tj":
            continue
        values = good.column(column.name)
        unreadable = _unreadable(values)
        for position in unreadable:
            reasons[position].append(f"{column.name} holds characters no text may hold")
        if column.type == "j":
            mask = np.zeros(len(values), dtype=bool)
            mask[unreadable] = True
            readable = pc.if_else(pa.array(mask), None, values)
            for position in store.not_json(readable):
                reasons[position].append(f"{column.name} is not JSON")
    if not reasons:
        return checked
    positions = sorted(reasons)
    row_numbers = good.column("_row_no").take(pa.array(positions)).to_pylist()
    shown = rows_json(chunk, [number - first_row for number in row_numbers])
    keep = np.ones(len(good), dtype=bool)
    keep[positions] = False
    found = [
        Broken(number, "; ".join(reasons[position]), row_json)
        for number, position, row_json in zip(row_numbers, positions, shown, strict=True)
    ]
    return Checked(good.filter(pa.array(keep)), sorted([*checked.broken, *found], key=_row_no))


def _row_no(broken: Broken) -> int:
    return broken.row_no


def _unreadable(values: pa.ChunkedArray) -> list[int]:
    """Positions of texts with a zero character or bytes that are not UTF-8."""
    found = []
    for position, raw in enumerate(values.cast(pa.binary()).to_pylist()):
        if raw is None:
            continue
        try:
            if "\0" in raw.decode("utf-8"):
                found.append(position)
        except UnicodeDecodeError:
            found.append(position)
    return found
