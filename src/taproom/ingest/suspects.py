"""The careful second look: find values that PostgreSQL cannot keep.

A text with a zero character or broken UTF-8, and a JSON column that holds no JSON, stop a COPY.
Looking at every value would slow every load down, so it is done only for a batch that was stopped.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from taproom.ingest.checks import Checked, Reasons, without
from taproom.ingest.chunks import Chunk
from taproom.ingest.store import Store


def take_out(store: Store, chunk: Chunk, checked: Checked) -> Checked:
    """Move rows with values that cannot be kept from the good to the broken ones."""
    good, where = checked.good, checked.positions.tolist()
    reasons: Reasons = defaultdict(list)
    for delivered in chunk.plan.delivered:
        column = delivered.column
        if column.type not in "tj":
            continue
        values = good.column(column.name)
        unreadable = _unreadable(values)
        for position in unreadable:
            reasons[where[position]].append(f"{column.name} holds characters no text may hold")
        if column.type == "j":
            mask = np.zeros(len(values), dtype=bool)
            mask[unreadable] = True
            readable = pc.if_else(pa.array(mask), None, values)
            for position in store.not_json(readable):
                reasons[where[position]].append(f"{column.name} is not JSON")
    return without(checked, chunk, reasons) if reasons else checked


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
