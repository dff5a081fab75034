"""The transaction: consecutive batches go from landing files into raw tables, or none of them.

First every file is opened, proven whole and matched with its contract, so that most failures come
before the first row is written. Then table after table is copied, the rows of all its files in one
stream, while a thread reads and checks the chunk that comes next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from taproom import contracts
from taproom.contracts import Table
from taproom.ingest import checks, files, records, store, suspects
from taproom.ingest.checks import Broken, Checked
from taproom.ingest.drift import Drift
from taproom.ingest.manifest import Batch, Manifest
from taproom.ingest.plan import Plan, plan
from taproom.ingest.records import BatchLoad, FileLoad
from taproom.ingest.report import Report
from taproom.ingest.store import Store

#: called with printable parts: how far the load is, and what is being loaded
Progress = Callable[..., None]

COPY_ROWS = 250_000  # after so many rows a COPY ends, so that quarantined rows can be written
METADATA = (
    pa.field("_row_no", pa.int64()),
    pa.field("_batch_id", pa.string()),
    pa.field("_batch_seq", pa.int64()),
)


@dataclass(frozen=True)
class Task:
    """One file that was opened and is known to be whole."""

    load: FileLoad
    table: Table
    path: Path
    plan: Plan
    metadata: pq.FileMetaData


@dataclass(frozen=True)
class Piece:
    """One chunk of a file as it was delivered, and what the checks made of it."""

    task: Task
    chunk: pa.RecordBatch
    first_row: int
    checked: Checked


class Transfer:
    """Loads groups of batches, each in one transaction; one object a run."""

    def __init__(
        self,
        session: Store,
        landed: Manifest,
        report: Report,
        extras: dict[tuple[str, str], dict[str, str]],
        before: Counter[tuple[str, str]],
        progress: Progress | None,
        total: int,
    ) -> None:
        self.session, self.landed, self.report = session, landed, report
        self.extras, self.before = extras, before
        self.progress, self.total, self.done = progress, total, 0
        self.tables = contracts.tables()
        self.new: Counter[tuple[str, str]] = Counter()  # rows loaded in this run, by table

    def load(self, group: list[Batch], careful: bool = False) -> None:
        """Load batches whole, or raise and leave the database as it was.

        `careful` looks at every text and JSON value for what PostgreSQL cannot keep; without it
        UnstorableValue is raised where there is such a value.
        """
        kept = {key: dict(known) for key, known in self.extras.items()}
        done = self.done
        try:
            loads, tasks = self._survey(group)
            reasons: list[tuple[str, Broken]] = []
            for ours in tasks.values():
                with closing(_ahead(self._pieces(ours))) as pieces:
                    for load, broken in self._copy(ours, pieces, careful):
                        reasons.append((load.file.name, broken))
            self._record(loads)
            self.session.commit()
        except BaseException:
            self.session.rollback()
            self.extras, self.done = kept, done
            raise
        self._add_up(loads, reasons)

    def _survey(self, group: list[Batch]) -> tuple[list[BatchLoad], dict[tuple, list[Task]]]:
        """Open every file, note schema drift, and widen tables for columns nobody announced."""
        drift = Drift(store.logged_drift(self.session))
        loads: list[BatchLoad] = []
        tasks: dict[tuple[str, str], list[Task]] = {}
        ever = {*self.before, *self.new}
        for batch in group:
            loads.append(load := BatchLoad(batch))
            for file in batch.files:
                table, path = self.tables[file.key], self.landed.landing / file.path
                with files.opened(self.landed.landing, file, batch) as parquet:
                    known = self.extras[file.key]
                    columns = plan(table, parquet.schema_arrow, known, file, batch, path)
                    metadata = parquet.metadata
                load.files.append(FileLoad(batch, file))
                load.changes += drift.of_file(table, columns, batch)
                new = [d.column for d in columns.unknown if d.column.name not in known]
                if new:
                    store.add_columns(self.session, table, new)
                    known.update((c.name, c.type) for c in new)
                task = Task(load.files[-1], table, path, columns, metadata)
                tasks.setdefault(file.key, []).append(task)
                ever.add(file.key)
            load.changes += drift.of_ended_tables([self.tables[k] for k in sorted(ever)], batch)
        return loads, tasks

    def _pieces(self, tasks: list[Task]) -> Iterator[Piece]:
        """Read and check the files of one table, oldest batch first."""
        for task in tasks:
            batch, file, first_row = task.load.batch, task.load.file, 0
            for chunk in files.chunks(task.path, task.metadata, file, batch):
                checked = checks.check(chunk, first_row, task.plan, batch)
                yield Piece(task, chunk, first_row, checked)
                first_row += len(chunk)

    def _copy(
        self, tasks: list[Task], pieces: Iterator[Piece], careful: bool
    ) -> Iterator[tuple[FileLoad, Broken]]:
        """Write the pieces of one table; yields the rows that were put aside."""
        table, schema = tasks[0].table, _schema(tasks)
        as_json = [c.name for t in tasks for c in t.plan.columns if c.type == "j"]
        self._tell(table)
        exhausted = False
        while not exhausted:
            broken: list[tuple[FileLoad, Broken]] = []
            upcoming = self._taken(pieces, careful)
            if careful:  # the second look asks the database, which a running COPY keeps busy
                piece = next(upcoming, None)
                upcoming, exhausted = iter([piece] if piece else []), piece is None
            stream = _Stream(upcoming, schema, broken)
            self.session.append(f"raw_{table.source}", table.name, schema, stream, as_json)
            exhausted = exhausted or stream.exhausted
            if broken:
                rows = records.quarantine(broken)
                self.session.append("ops", "quarantine", rows.schema, [rows], ["row_json"])
            self.done += stream.rows_in
            self._tell(table)
            yield from broken

    def _taken(self, pieces: Iterator[Piece], careful: bool) -> Iterator[Piece]:
        for piece in pieces:
            if careful:
                checked = suspects.take_out(
                    self.session, piece.task.plan, piece.chunk, piece.first_row, piece.checked
                )
                piece = Piece(piece.task, piece.chunk, piece.first_row, checked)
            yield piece

    def _record(self, loads: list[BatchLoad]) -> None:
        """The records of the batches and the clock, in their own transaction."""
        file_loads = [one for load in loads for one in load.files]
        for one in file_loads:
            one.check()
        self._append_ops("batch", records.batches(loads))
        self._append_ops("load", records.files(file_loads))
        changes = [(load.batch, change) for load in loads for change in load.changes]
        self._append_ops("schema_drift", records.drift(changes))
        store.set_clock(self.session, self.landed, loads[-1].batch.end)

    def _append_ops(self, name: str, rows: pa.Table) -> None:
        if len(rows):
            self.session.append("ops", name, rows.schema, [rows], ())

    def _add_up(self, loads: list[BatchLoad], reasons: list[tuple[str, Broken]]) -> None:
        for load in loads:
            self.report.batches.append(load.batch.id)
            self.report.rows_in += load.batch.rows
            self.report.rows_loaded += load.rows_loaded
            self.report.rows_quarantined += load.rows_quarantined
            self.report.drift += load.changes
            for one in load.files:
                self.new[one.file.key] += one.rows_loaded
        for name, broken in reasons:
            self.report.add_reasons(name, [broken.reason])

    def _tell(self, table: Table) -> None:
        if self.progress and self.total:
            percent = 100 * self.done // self.total
            self.progress(f"{percent}%", f"{table.source}.{table.name}")


class _Stream:
    """Rows of the pieces for one COPY, counted on their way; ends after COPY_ROWS."""

    def __init__(
        self, pieces: Iterator[Piece], schema: pa.Schema, broken: list[tuple[FileLoad, Broken]]
    ) -> None:
        self.pieces, self.schema, self.broken = pieces, schema, broken
        self.rows_in, self.exhausted = 0, False

    def __iter__(self) -> Iterator[pa.Table]:
        for piece in self.pieces:
            load, checked = piece.task.load, piece.checked
            load.rows_loaded += len(checked.good)
            load.rows_quarantined += len(checked.broken)
            self.broken += [(load, row) for row in checked.broken]
            self.rows_in += len(piece.chunk)
            yield _completed(checked.good, load.batch, self.schema)
            if self.rows_in >= COPY_ROWS:
                return
        self.exhausted = True


def _schema(tasks: list[Task]) -> pa.Schema:
    """Every column any of a table's files delivers, and the load metadata."""
    fields = {
        d.column.name: pa.field(d.column.name, d.target) for t in tasks for d in t.plan.delivered
    }
    return pa.schema([*fields.values(), *METADATA])


def _completed(rows: pa.Table, batch: Batch, schema: pa.Schema) -> pa.Table:
    """Rows with the load metadata, and null in the columns that other files have."""
    constants = {"_batch_id": pa.scalar(batch.id), "_batch_seq": pa.scalar(batch.seq)}
    there = set(rows.column_names)
    columns = []
    for field in schema:
        if field.name in there:
            columns.append(rows.column(field.name))
        elif field.name in constants:
            columns.append(pa.repeat(constants[field.name], len(rows)))
        else:
            columns.append(pa.nulls(len(rows), field.type))
    return pa.table(columns, schema=schema)


def _ahead(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Prepare the next piece in a thread while the present one is being written."""
    with ThreadPoolExecutor(1, "read-ahead") as pool:
        upcoming = pool.submit(next, pieces, None)
        while (piece := upcoming.result()) is not None:
            upcoming = pool.submit(next, pieces, None)
            yield piece
