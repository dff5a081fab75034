"""Rows on their way: chunks of one table, gathered from as many files as fill them.

A company's first load is hundreds of small files. Checks and encoding cost the same for a hundred
rows as for a thousand, so rows of neighbouring files with equal columns go through them together;
each keeps its file and its number there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from taproom.ingest.files import CHUNK_ROWS, Whole
from taproom.ingest.plan import Plan
from taproom.ingest.records import FileLoad

METADATA = (
    pa.field("_batch_id", pa.string()),
    pa.field("_batch_seq", pa.int64()),
    pa.field("_row_no", pa.int64()),
)


@dataclass(frozen=True)
class Task:
    """One file that is known to be whole, and what its columns become."""

    load: FileLoad
    whole: Whole
    plan: Plan


@dataclass(frozen=True)
class Segment:
    """The rows of one file in a chunk: `rows` of them from position `start` on."""

    load: FileLoad
    start: int
    first_row: int  # number in the file, from 0
    rows: int

    def row_no(self, position: int) -> int:
        return self.first_row + position - self.start


@dataclass(frozen=True)
class Chunk:
    """Rows of one table as they were delivered, at most CHUNK_ROWS."""

    rows: pa.RecordBatch
    plan: Plan
    segments: tuple[Segment, ...]

    def segment(self, position: int) -> Segment:
        """The file a row is of."""
        return self.segments[bisect_right(self.segments, position, key=lambda s: s.start) - 1]

    def metadata(self) -> pa.Table:
        """The columns METADATA of every row."""
        counts = [segment.rows for segment in self.segments]
        which = pa.array(np.repeat(np.arange(len(counts)), counts))
        batches = [segment.load.batch for segment in self.segments]
        numbers = [np.arange(s.first_row, s.first_row + s.rows) for s in self.segments]
        columns = [
            pa.array([batch.id for batch in batches], pa.string()).take(which),
            pa.array([batch.seq for batch in batches], pa.int64()).take(which),
            pa.array(np.concatenate(numbers), pa.int64()),
        ]
        return pa.table(columns, schema=pa.schema(METADATA))


def gathered(tasks: Iterable[Task]) -> Iterator[Chunk]:
    """The rows of the files of one table, in order."""
    waiting: list[tuple[Task, int, pa.RecordBatch]] = []
    for task in tasks:
        first_row = 0
        for rows in task.whole.chunks():
            full = sum(len(r) for _, _, r in waiting) + len(rows) > CHUNK_ROWS
            if waiting and (full or waiting[0][0].plan is not task.plan):
                yield _chunk(waiting)
                waiting = []
            waiting.append((task, first_row, rows))
            first_row += len(rows)
    if waiting:
        yield _chunk(waiting)


def _chunk(parts: list[tuple[Task, int, pa.RecordBatch]]) -> Chunk:
    segments, start = [], 0
    for task, first_row, rows in parts:
        segments.append(Segment(task.load, start, first_row, len(rows)))
        start += len(rows)
    batches = [rows for _, _, rows in parts]
    rows = batches[0] if len(batches) == 1 else pa.concat_batches(batches)
    return Chunk(rows, parts[0][0].plan, tuple(segments))
