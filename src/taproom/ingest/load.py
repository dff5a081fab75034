"""Loading: batch after batch, each whole or not at all, none twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from taproom import contracts
from taproom.contracts import Column, Table
from taproom.errors import TaproomError
from taproom.ingest import checks, files, guard, manifest, store, suspects
from taproom.ingest.checks import Checked
from taproom.ingest.drift import Change, Drift
from taproom.ingest.manifest import Batch, LandingFile, Manifest
from taproom.ingest.plan import Plan, plan
from taproom.ingest.store import Store, UnstorableValue

#: called with printable parts: how far the load is, and what is being loaded
Progress = Callable[..., None]

ANALYZE_SHARE = 0.2  # of a table's rows new in this run: then its statistics are stale


@dataclass
class Report:
    """What one run of the ingest did."""

    world_id: str
    as_of: str
    batches: list[str] = field(default_factory=list)
    skipped: int = 0
    rows_in: int = 0
    rows_loaded: int = 0
    rows_quarantined: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    drift: list[Change] = field(default_factory=list)

    def __str__(self) -> str:
        if not self.batches:
            return f"Nothing new: {self.skipped} batches are loaded, the clock shows {self.as_of}."
        lines = [
            f"Loaded {len(self.batches)} batches ({self.batches[0]} to {self.batches[-1]}): "
            f"{self.rows_in:,} rows in = {self.rows_loaded:,} loaded + "
            f"{self.rows_quarantined:,} quarantined; the clock shows {self.as_of}."
        ]
        lines += [f"  quarantined {n:,}: {what}" for what, n in self.reasons.most_common(10)]
        lines += [
            f"  {c.change}: {c.source}.{c.table}{'.' + c.column if c.column else ''} ({c.detail})"
            for c in self.drift
        ]
        return "\n".join(lines)


@dataclass
class _Loaded:
    """What has been written of one file."""

    file: LandingFile
    rows_loaded: int = 0
    broken: int = 0


@dataclass
class _Piece:
    """One chunk of a file, read and checked, on its way to the database."""

    file: LandingFile
    table: Table
    plan: Plan
    chunk: pa.RecordBatch
    first_row: int
    checked: Checked
    opening: bool  # whether it is the first chunk of its file


def run(
    root: Path | str, dsn: str, progress: Progress | None = None, batch: str | None = None
) -> Report:
    """Load every batch of a world's landing folder that the database does not hold yet.

    `root` is the world's root, with landing/ below it; `dsn` a PostgreSQL URL of a role that owns
    the database. `batch` names the last batch to load (all, without it). Raises TaproomError; what
    was loaded before the failing batch stays.
    """
    landed = manifest.read(Path(root))
    wanted = _up_to(landed, batch)
    with Store(dsn) as session:
        session.lock()
        store.prepare(dsn)
        held = guard.check(session, landed)
        todo = [b for b in wanted if b.seq not in held]
        report = Report(landed.world_id, "", skipped=len(wanted) - len(todo))
        run_ = _Run(session, landed, report, store.extras(dsn), progress, sum(b.rows for b in todo))
        for each in todo:
            run_.load(each)
        report.as_of = guard.clock(session)
        session.commit()
        if todo:
            store.analyze(dsn, run_.grown())
    return report


def _up_to(landed: Manifest, batch: str | None) -> list[Batch]:
    ids = [b.id for b in landed.batches]
    if batch is None:
        return list(landed.batches)
    if batch not in ids:
        raise TaproomError(
            f"There is no batch {batch}.",
            where=f"{landed.landing}\nlanded: {', '.join(ids[-5:])}",
            remedy="./taproom world status lists the newest; ./taproom world advance makes more",
        )
    return list(landed.batches[: ids.index(batch) + 1])


class _Run:
    """One run over several batches in one session."""

    def __init__(
        self,
        session: Store,
        landed: Manifest,
        report: Report,
        extras: dict[tuple[str, str], dict[str, str]],
        progress: Progress | None,
        total: int,
    ) -> None:
        self.session, self.landed, self.report, self.extras = session, landed, report, extras
        self.progress, self.total, self.done = progress, total, 0
        self.tables = contracts.tables()
        self.before = guard.rows_by_table(session)
        self.new: Counter[tuple[str, str]] = Counter()

    def load(self, batch: Batch) -> None:
        """Load one batch, or undo all of it."""
        try:
            try:
                self._load(batch, careful=False)
            except UnstorableValue:
                # Rare: find the values PostgreSQL cannot keep, one by one, and start over.
                self.session.rollback()
                self._load_carefully(batch)
        except BaseException:
            self.session.rollback()
            raise

    def _load_carefully(self, batch: Batch) -> None:
        try:
            self._load(batch, careful=True)
        except UnstorableValue as error:
            raise TaproomError(
                f"Batch {batch.id} holds a value PostgreSQL cannot keep, and it could not be told "
                "which row it is in. Nothing of the batch was loaded.",
                where=str(error),
                remedy="./taproom world regenerate --table … for the table named above",
            ) from error

    def _tell(self, done: int, *what: str) -> None:
        if self.progress and self.total:
            self.progress(f"{100 * done // self.total}%", *what)

    def grown(self) -> list[Table]:
        """Tables whose planner statistics this run has made stale."""
        return [
            self.tables[key]
            for key, rows in self.new.items()
            if rows >= ANALYZE_SHARE * (self.before[key] + rows)
        ]

    def _load(self, batch: Batch, careful: bool) -> None:
        drift = Drift(store.logged_drift(self.session))
        extras = {key: dict(known) for key, known in self.extras.items()}
        loaded: dict[tuple[str, str], _Loaded] = {}
        changes: list[Change] = []
        reasons: Counter[str] = Counter()
        done = self.done
        for piece in _ahead(self._pieces(batch, extras)):
            key = piece.file.key
            if piece.opening:
                loaded[key] = _Loaded(piece.file)
                changes += drift.of_file(piece.table, piece.plan, batch)
                self._widen(piece, extras[key])
                self._tell(done, batch.id, piece.file.name)
            checked = piece.checked
            if careful:
                checked = suspects.take_out(
                    self.session, piece.plan, piece.chunk, piece.first_row, checked
                )
            self._append(batch, piece, checked)
            loaded[key].rows_loaded += len(checked.good)
            loaded[key].broken += len(checked.broken)
            reasons.update(f"{piece.file.name}: {_kind(b.reason)}" for b in checked.broken)
            done += len(piece.chunk)
        ever = {*self.before, *self.new, *loaded}
        changes += drift.of_ended_tables([self.tables[key] for key in sorted(ever)], batch)
        self._record(batch, list(loaded.values()), changes)
        self.session.commit()
        self._add_up(batch, list(loaded.values()), changes, reasons)
        self.extras, self.done = extras, done
        self._tell(done, batch.id)

    def _pieces(self, batch: Batch, extras: dict) -> Iterator[_Piece]:
        """Read and check the batch's files in the order of the manifest."""
        for file in batch.files:
            path = self.landed.landing / file.path
            table = self.tables[file.key]
            with files.opened(self.landed.landing, file, batch) as parquet:
                columns = plan(table, parquet.schema_arrow, extras[file.key], file, batch, path)
                first_row = 0
                for chunk in files.chunks(parquet, path, file, batch):
                    checked = checks.check(chunk, first_row, columns, batch)
                    yield _Piece(
                        file, table, columns, chunk, first_row, checked, opening=first_row == 0
                    )
                    first_row += len(chunk)

    def _widen(self, piece: _Piece, known: dict[str, str]) -> None:
        """Add columns no contract describes to the raw table, when they first come."""
        new: list[Column] = [d.column for d in piece.plan.unknown if d.column.name not in known]
        if new:
            store.add_columns(self.session, piece.table, new)
            known.update((c.name, c.type) for c in new)

    def _append(self, batch: Batch, piece: _Piece, checked: Checked) -> None:
        rows = checked.good
        if len(rows):
            rows = rows.append_column("_batch_id", pa.repeat(batch.id, len(rows)))
            rows = rows.append_column("_batch_seq", pa.repeat(pa.scalar(batch.seq), len(rows)))
            as_json = [d.column.name for d in piece.plan.delivered if d.column.type == "j"]
            self.session.append(f"raw_{piece.table.source}", piece.table.name, rows, as_json)
        if checked.broken:
            broken = pa.table(
                {
                    **_constant(batch, piece.file, len(checked.broken)),
                    "path": pa.repeat(piece.file.path, len(checked.broken)),
                    "row_no": pa.array([b.row_no for b in checked.broken], pa.int64()),
                    "reason": [b.reason for b in checked.broken],
                    "row_json": [b.row_json for b in checked.broken],
                }
            )
            self.session.append("ops", "quarantine", broken, ["row_json"])

    def _record(self, batch: Batch, loaded: list[_Loaded], changes: list[Change]) -> None:
        """The batch's records and the clock, in the batch's own transaction."""
        loaded += [_Loaded(f) for f in batch.files if f.key not in {e.file.key for e in loaded}]
        for entry in loaded:
            if entry.file.rows != entry.rows_loaded + entry.broken:
                raise AssertionError(
                    f"{entry.file.name}, batch {batch.id}: {entry.file.rows} rows in, but "
                    f"{entry.rows_loaded} loaded + {entry.broken} quarantined"
                )
        self.session.append("ops", "batch", _batch_row(batch, loaded), ())
        if loaded:
            self.session.append("ops", "load", _load_rows(batch, loaded), ())
        if changes:
            self.session.append("ops", "schema_drift", _drift_rows(batch, changes), ())
        store.set_clock(self.session, self.landed, batch.end)

    def _add_up(
        self, batch: Batch, loaded: list[_Loaded], changes: list[Change], reasons: Counter[str]
    ) -> None:
        report = self.report
        report.batches.append(batch.id)
        report.rows_in += batch.rows
        report.rows_loaded += sum(e.rows_loaded for e in loaded)
        report.rows_quarantined += sum(e.broken for e in loaded)
        report.reasons.update(reasons)
        report.drift += changes
        for entry in loaded:
            self.new[entry.file.key] += entry.rows_loaded


def _ahead(pieces: Iterator[_Piece]) -> Iterator[_Piece]:
    """Prepare the next piece in a thread while the present one is being written."""
    with ThreadPoolExecutor(1, "read-ahead") as pool:
        upcoming = pool.submit(next, pieces, None)
        while (piece := upcoming.result()) is not None:
            upcoming = pool.submit(next, pieces, None)
            yield piece


def _kind(reason: str) -> str:
    """The first reason without the value, for counting."""
    first = reason.split("; ")[0]
    column, _, rest = first.partition(" is ")
    if ", not one of" in rest:
        return f"{column} is not one of its values"
    if ", which is no " in rest:
        return f"{column} is no {rest.rpartition(', which is no ')[2]}"
    return first


def _constant(batch: Batch, file: LandingFile, rows: int) -> dict:
    return {
        "batch_seq": pa.repeat(pa.scalar(batch.seq), rows),
        "batch_id": pa.repeat(batch.id, rows),
        "source": pa.repeat(file.source, rows),
        "table_name": pa.repeat(file.table, rows),
    }


def _batch_row(batch: Batch, loaded: list[_Loaded]) -> pa.Table:
    instant = pa.timestamp("us", "UTC")
    return pa.table(
        {
            "batch_seq": pa.array([batch.seq]),
            "batch_id": [batch.id],
            "from_at": pa.array([batch.start], instant),
            "to_at": pa.array([batch.end], instant),
            "rows_in": pa.array([batch.rows]),
            "rows_loaded": pa.array([sum(e.rows_loaded for e in loaded)], pa.int64()),
            "rows_quarantined": pa.array([sum(e.broken for e in loaded)], pa.int64()),
            "loaded_at": pa.array([batch.end], instant),
        }
    )


def _load_rows(batch: Batch, loaded: list[_Loaded]) -> pa.Table:
    return pa.table(
        {
            "batch_seq": pa.repeat(pa.scalar(batch.seq), len(loaded)),
            "batch_id": pa.repeat(batch.id, len(loaded)),
            "source": [e.file.source for e in loaded],
            "table_name": [e.file.table for e in loaded],
            "path": [e.file.path for e in loaded],
            "sha256": [e.file.sha256 for e in loaded],
            "rows_in": pa.array([e.file.rows for e in loaded], pa.int64()),
            "rows_loaded": pa.array([e.rows_loaded for e in loaded], pa.int64()),
            "rows_quarantined": pa.array([e.broken for e in loaded], pa.int64()),
        }
    )


def _drift_rows(batch: Batch, changes: list[Change]) -> pa.Table:
    return pa.table(
        {
            "batch_seq": pa.repeat(pa.scalar(batch.seq), len(changes)),
            "batch_id": pa.repeat(batch.id, len(changes)),
            "source": [c.source for c in changes],
            "table_name": [c.table for c in changes],
            "column_name": pa.array([c.column for c in changes], pa.string()),
            "change": [c.change for c in changes],
            "detail": [c.detail for c in changes],
        }
    )
