"""The transaction: consecutive batches go from landing files into raw tables, or none of them.

Threads go ahead, table after table: one proves all files of a table whole, matches them with the
contract and reads their rows, the next one checks them. ADBC pulls what they have made in one
stream a table and encodes it, so that one core prepares rows while the other one stores them. Where
there is much to load, two sessions do this side by side, each with its own tables (pair.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import groupby
from threading import Event, Lock

import pyarrow as pa

from taproom import contracts
from taproom.contracts import Column, Table
from taproom.ingest import checks, ddl, files, records, store, suspects
from taproom.ingest.ahead import Ahead
from taproom.ingest.checks import Broken, Checked
from taproom.ingest.chunks import METADATA, Chunk, Task, gathered
from taproom.ingest.drift import Change, Drift
from taproom.ingest.manifest import Batch, LandingFile, Manifest
from taproom.ingest.pair import Pair, halves, side_by_side
from taproom.ingest.plan import plan
from taproom.ingest.records import BatchLoad, FileLoad
from taproom.ingest.report import Report
from taproom.ingest.store import Columns, Store

#: the files to load, by table and in the order of their batches
Files = dict[tuple[str, str], list[tuple[Batch, LandingFile]]]
#: called with printable parts: how far the load is, and what is being loaded
Progress = Callable[..., None]

AHEAD_BYTES = 32 << 20  # of rows read, and as many of rows checked, that wait at most
MANY_ROWS = 500_000  # in one transaction: then two sessions are worth their connection
BROKEN_ROWS = 10_000  # rows put aside after which a COPY ends, so that they can be written


@dataclass(frozen=True, eq=False)
class Run:
    """The files of one table in one transaction."""

    table: Table
    tasks: tuple[Task, ...]
    new: tuple[Column, ...]  # columns the raw table has to be widened by

    @cached_property
    def schema(self) -> pa.Schema:
        """Every column any of the files delivers, and the load metadata."""
        delivered = [d for plan_ in {id(t.plan): t.plan for t in self.tasks}.values()
                     for d in plan_.delivered]  # fmt: skip
        fields = {d.column.name: pa.field(d.column.name, d.target) for d in delivered}
        return pa.schema([*fields.values(), *METADATA])

    @cached_property
    def json_columns(self) -> set[str]:
        return {c.name for task in self.tasks for c in task.plan.columns if c.type == "j"}


@dataclass(frozen=True)
class Read:
    """A chunk of a run; every run begins with one that is none."""

    run: Run
    chunk: Chunk | None = None

    @property
    def size(self) -> int:
        return self.chunk.rows.nbytes if self.chunk else 0


@dataclass(frozen=True)
class Piece:
    """Some rows of a run, ready for the database, and the rows put aside."""

    run: Run
    rows_in: int = 0
    rows: tuple[pa.RecordBatch, ...] = ()
    broken: tuple[Broken, ...] = ()

    @property
    def size(self) -> int:
        return sum(rows.nbytes for rows in self.rows)


@dataclass
class Made:
    """What one transaction loads; filled while the files are read."""

    loads: list[BatchLoad]
    by_file: dict[tuple[int, str, str], FileLoad] = field(default_factory=dict)
    changes: dict[tuple[int, str, str], list[Change]] = field(default_factory=dict)


class Stopped(Exception):
    """The other session has failed."""


class Transfer:
    """Loads groups of batches, each in one transaction; one object a run."""

    def __init__(
        self,
        sessions: Pair,
        landed: Manifest,
        report: Report,
        found: Columns,
        before: Counter[tuple[str, str]],
        progress: Progress | None,
        total: int,
    ) -> None:
        self.sessions, self.landed, self.report = sessions, landed, report
        self.session = sessions.first  # keeps the books
        self.before = before
        self.progress, self.total, self.done = progress, total, 0
        self.tables = contracts.tables()
        self.found: Columns | None = found  # the raw tables as they are, until they are prepared
        self.extras = _beyond_contracts(found, self.tables)
        self.new: Counter[tuple[str, str]] = Counter()  # rows loaded in this run, by table
        self.failed = Event()  # one of two sessions has; the other one need not go on
        self.one_at_a_time = Lock()

    def load(self, group: list[Batch], careful: bool = False) -> None:
        """Load batches whole, or raise and leave the database as it was.

        `careful` looks at every text and JSON value for what PostgreSQL cannot keep; without it
        UnstorableValue is raised where there is such a value.
        """
        kept = {key: dict(known) for key, known in self.extras.items()}
        done, reasons = self.done, Counter()
        drift = Drift(self._logged_drift())
        made = Made([BatchLoad(batch) for batch in group])
        many = sum(batch.rows for batch in group) >= MANY_ROWS and not careful
        sessions = self.sessions.sessions(many)
        self.failed.clear()
        try:
            with ExitStack() as opened:
                work = []
                for session, files in zip(sessions, _shares(group, len(sessions)), strict=True):
                    chunks = opened.enter_context(
                        closing(Ahead(self._chunks(files, made, drift), AHEAD_BYTES))
                    )
                    pieces = (
                        self._carefully(chunks) if careful else Ahead(_pieces(chunks), AHEAD_BYTES)
                    )
                    opened.enter_context(closing(pieces))
                    # In the second look nothing may be made while a COPY keeps the session busy.
                    runs = (
                        ((piece.run, [piece]) for piece in pieces)
                        if careful
                        else groupby(pieces, key=lambda piece: piece.run)
                    )
                    work.append(partial(self._copy_all, session, runs, reasons))
                self.prepare()
                side_by_side(work)
            self._record(made, drift)
            self.sessions.commit(group[-1])
        except BaseException:
            self.sessions.rollback()
            self.extras, self.done = kept, done
            raise
        self._add_up(made, reasons)

    def prepare(self) -> None:
        """Make what the database lacks; while the first files are being read, where there are."""
        if self.found is not None:
            self.session.prepare(self.found)
            self.found = None

    def _logged_drift(self) -> list[Change]:
        return list(store.logged_drift(self.session)) if self.before or self.new else []

    def _chunks(self, files: Files, made: Made, drift: Drift) -> Iterator[Read]:
        """Every table's files, proven and then read."""
        for ours in files.values():
            run = self._survey(ours, made, drift)
            yield Read(run)
            for chunk in gathered(run.tasks):
                yield Read(run, chunk)

    def _carefully(self, chunks: Iterator[Read]) -> Iterator[Piece]:
        """Pieces without the values PostgreSQL cannot keep; asks the session."""
        for read in chunks:
            if read.chunk is None:
                yield Piece(read.run)
            else:
                checked = checks.check(read.chunk)
                checked = suspects.take_out(self.session, read.chunk, checked)
                yield _piece(read.run, read.chunk, checked)

    def _survey(self, ours: list[tuple[Batch, LandingFile]], made: Made, drift: Drift) -> Run:
        """Open every file of a table, and note schema drift."""
        table, known = self.tables[ours[0][1].key], self.extras[ours[0][1].key]
        tasks: list[Task] = []
        new: list[Column] = []
        for batch, file in ours:
            whole = files.proven(self.landed.landing, file, batch)
            if tasks and tasks[-1].whole.schema.equals(whole.schema):
                columns = tasks[-1].plan
            else:
                columns = plan(table, whole.schema, known, file, batch, whole.path)
            unknown = [d.column for d in columns.unknown if d.column.name not in known]
            known.update((c.name, c.type) for c in unknown)
            new += unknown
            key = (batch.seq, *file.key)
            made.by_file[key] = load = FileLoad(batch, file)
            with self.one_at_a_time:
                made.changes[key] = drift.of_file(table, columns, batch)
            tasks.append(Task(load, whole, columns))
        return Run(table, tuple(tasks), tuple(new))

    def _copy_all(
        self,
        session: Store,
        runs: Iterable[tuple[Run, Iterable[Piece]]],
        reasons: Counter[tuple[str, str]],
    ) -> None:
        """Write one session's tables."""
        try:
            for run, pieces in runs:
                self._copy(session, run, iter(pieces), reasons)
        except BaseException:
            self.failed.set()
            raise

    def _copy(
        self, session: Store, run: Run, pieces: Iterator[Piece], reasons: Counter[tuple[str, str]]
    ) -> None:
        """Write the pieces of one table, and the rows that were put aside."""
        table = run.table
        key = (table.source, table.name)
        if not self.before[key] and not self.new[key]:
            session.empty(table)
        if run.new:
            store.add_columns(session, table, run.new)
        self._tell(table, 0)
        for put_aside in self._parts(session, run, pieces):
            with self.one_at_a_time:
                reasons.update((f"{table.source}.{table.name}", row.reason) for row in put_aside)
            quarantine = store.with_jsonb(records.quarantine(put_aside), ["row_json"])
            session.append("ops", "quarantine", quarantine.schema, quarantine.to_batches())

    def _parts(self, session: Store, run: Run, pieces: Iterator[Piece]) -> Iterator[list[Broken]]:
        """Write pieces until they end or many rows are put aside; gives those, and goes on."""
        table, ended = run.table, False

        def rows() -> Iterator[pa.RecordBatch]:
            nonlocal ended
            for piece in pieces:
                if self.failed.is_set():
                    raise Stopped
                yield from piece.rows
                self._tell(table, piece.rows_in)
                broken.extend(piece.broken)
                if len(broken) >= BROKEN_ROWS:
                    return
            ended = True

        while not ended:
            broken: list[Broken] = []
            session.append(f"raw_{table.source}", table.name, run.schema, rows())
            if broken:
                yield broken

    def _record(self, made: Made, drift: Drift) -> None:
        """The records of the batches and the clock, in their own transaction."""
        ever = {*self.before, *self.new}
        for load in made.loads:
            for file in load.batch.files:
                key = (load.batch.seq, *file.key)
                made.by_file[key].check()
                load.files.append(made.by_file[key])
                load.changes += made.changes[key]
                ever.add(file.key)
            load.changes += drift.of_ended_tables(
                [self.tables[k] for k in sorted(ever)], load.batch
            )
        file_loads = [one for load in made.loads for one in load.files]
        changes = [(load.batch, change) for load in made.loads for change in load.changes]
        self._append_ops("batch", records.batches(made.loads))
        self._append_ops("load", records.files(file_loads))
        self._append_ops("schema_drift", records.drift(changes))
        store.set_clock(self.session, self.landed, made.loads[-1].batch.end)

    def _append_ops(self, name: str, rows: pa.Table) -> None:
        if len(rows):
            self.session.append("ops", name, rows.schema, rows.to_batches())

    def _add_up(self, made: Made, reasons: Counter[tuple[str, str]]) -> None:
        for load in made.loads:
            self.report.batches.append(load.batch.id)
            self.report.rows_in += load.batch.rows
            self.report.rows_loaded += load.rows_loaded
            self.report.rows_quarantined += load.rows_quarantined
            self.report.drift += load.changes
            for one in load.files:
                self.new[one.file.key] += one.rows_loaded
        for (name, reason), count in reasons.items():
            self.report.add_reason(name, reason, count)

    def _tell(self, table: Table, rows: int) -> None:
        """Count rows that are written, and show how far the load is."""
        with self.one_at_a_time:
            self.done += rows
            if self.progress and self.total:
                percent = 100 * self.done // self.total
                self.progress(f"{percent}%", f"{table.source}.{table.name}")


def _shares(group: list[Batch], sessions: int) -> list[Files]:
    """The files of the batches by table, shared out over sessions by tables."""
    by_table: Files = {}
    for batch in group:
        for file in batch.files:
            by_table.setdefault(file.key, []).append((batch, file))
    if sessions == 1:
        return [by_table]
    files = [file for batch in group for file in batch.files]
    return [{key: by_table[key] for key in by_table if key in share} for share in halves(files)]


def _beyond_contracts(found: Columns, tables: dict[tuple[str, str], Table]) -> Columns:
    """Columns of raw tables beyond their contracts."""
    own = {name for name, _, _ in ddl.METADATA}
    extras: Columns = {}
    for key, table in tables.items():
        known = own | {c.name for c in table.columns}
        extras[key] = {n: code for n, code in found.get(key, {}).items() if n not in known}
    return extras


def _pieces(chunks: Iterator[Read]) -> Iterator[Piece]:
    """Check."""
    for read in chunks:
        if read.chunk is None:
            yield Piece(read.run)
        else:
            yield _piece(read.run, read.chunk, checks.check(read.chunk))


def _piece(run: Run, chunk: Chunk, checked: Checked) -> Piece:
    _count(chunk, checked)
    rows = _completed(chunk, checked, run.schema)
    rows = store.with_jsonb(rows, run.json_columns)
    return Piece(run, len(chunk.rows), tuple(rows.to_batches()), tuple(checked.broken))


def _count(chunk: Chunk, checked: Checked) -> None:
    """Add a chunk's rows to what became of their files."""
    for segment in chunk.segments:
        segment.load.rows_loaded += segment.rows
    for row in checked.broken:
        row.segment.load.rows_loaded -= 1
        row.segment.load.rows_quarantined += 1


def _completed(chunk: Chunk, checked: Checked, schema: pa.Schema) -> pa.Table:
    """Good rows with the load metadata, and null in the columns that other files have."""
    rows, metadata = checked.good, chunk.metadata()
    if checked.broken:
        metadata = metadata.take(pa.array(checked.positions))
    there, own = set(rows.column_names), set(metadata.column_names)
    columns = []
    for one in schema:
        if one.name in there:
            columns.append(rows.column(one.name))
        elif one.name in own:
            columns.append(metadata.column(one.name))
        else:
            columns.append(pa.nulls(len(rows), one.type))
    return pa.table(columns, schema=schema)
