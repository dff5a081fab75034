"""The landing folder: Parquet files by source, table and batch, and the manifest over them.

A file that the manifest does not name does not exist: the manifest is written last, by an atomic
rename, so that a broken run leaves the folder as it was.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from taproom.contracts import Table
from taproom.errors import TaproomError
from taproom.world import clock

#: 2: every source of the company; 1 held app, stripe and finance only.
FORMAT = 2
MANIFEST = "_manifest.json"
ROW_GROUP = 1 << 17
#: The batches of a new world cover [BEGIN, END).
BEGIN, END = clock.FOUNDED * clock.DAY, clock.END * clock.DAY
#: Files up to so many rows are smaller and sooner read without dictionaries.
FEW = 20_000


@dataclass(frozen=True)
class Batch:
    """A delivery: the rows with lo <= arrival < hi (int64 microseconds UTC)."""

    id: str
    lo: int
    hi: int


def first_batches(end_day: int = clock.END) -> list[Batch]:
    """Batches of a new world: the year before the window, then one a month."""
    months = np.arange(int(clock.month_of(clock.START)), int(clock.month_of(end_day)))
    days = [clock.FOUNDED, *(int(d) for d in clock.month_start(months)), end_day]
    return [
        Batch(
            clock.as_date(lo).strftime("%Y" if lo == clock.FOUNDED else "%Y-%m"),
            lo * clock.DAY,
            hi * clock.DAY,
        )
        for lo, hi in pairwise(days)
    ]


def tick_batch(lo: int, hi: int) -> Batch:
    """Batch of one advance of the clock."""
    name = "-".join(clock.as_datetime(t).strftime("%Y%m%dT%H%M") for t in (lo, hi))
    return Batch(name, lo, hi)


def folder(root: Path) -> Path:
    return root / "landing"


def read_manifest(root: Path) -> dict | None:
    """The manifest, or None where no world is; refuses one of another format by name."""
    path = folder(root) / MANIFEST
    if not path.exists():
        return None
    try:
        manifest = json.loads(path.read_text())
    except ValueError as e:
        raise TaproomError(
            "The manifest of the landing files cannot be read",
            str(path),
            "make the world anew: ./taproom world init --replace",
        ) from e
    if manifest.get("format") != FORMAT:
        raise TaproomError(
            f"The landing folder was made by another version (format {manifest.get('format')},"
            f" this one writes {FORMAT})",
            str(path),
            "make the world anew: ./taproom world init --replace",
        )
    return manifest


def existing(root: Path) -> dict:
    """The manifest of the world below root; TaproomError where none is."""
    manifest = read_manifest(root)
    if manifest is None:
        raise TaproomError("There is no world here", str(root), "make one: ./taproom world init")
    return manifest


def write_manifest(root: Path, manifest: dict) -> None:
    path = folder(root) / MANIFEST
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(manifest, indent=1) + "\n")
    temporary.replace(path)


class TableFile:
    """One file of a batch, written row group by row group; nothing is read back.

    `add` takes tables with at least the contract's columns; text may come dictionary-encoded
    and is written as plain text. The file has its name only after `close`, which gives the
    manifest entry, or None when no row came. `abort` leaves nothing behind.
    """

    def __init__(self, place: Path, table: Table, batch: Batch):
        self._relative = Path(table.source) / table.name / f"{batch.id}.parquet"
        self._path = place / self._relative
        self._temporary = self._path.with_suffix(".tmp")
        between = clock.as_datetime(batch.lo), clock.as_datetime(batch.hi)
        self._table = table
        self._schema = table.arrow_schema(*between)
        self._version = table.schema_version(*between)
        self._waiting: list[pa.Table] = []
        self._sink: _Hashing | None = None
        self._writer: pq.ParquetWriter | None = None
        self.waiting = 0  # rows not yet written
        self.rows = 0

    def add(self, rows: pa.Table) -> None:
        if len(rows):
            self._waiting.append(rows.select(self._schema.names))
            self.waiting += len(rows)
            if self.waiting >= ROW_GROUP:
                self.flush()

    def flush(self) -> None:
        """Write what waits as row groups."""
        if not self.waiting:
            return
        try:
            if self._writer is None:
                self._open(self._waiting[0].schema)
            # A column that is text in one part and encoded in another takes the first's form.
            parts = [t.cast(self._writer.schema) for t in self._waiting]
            whole = pa.concat_tables(parts).unify_dictionaries() if len(parts) > 1 else parts[0]
            self._writer.write_table(whole, row_group_size=ROW_GROUP)
        except OSError as e:
            self.abort()
            raise self._unwritable(e) from e
        self.rows += self.waiting
        self._waiting, self.waiting = [], 0

    def _open(self, given: pa.Schema) -> None:
        fields = [
            given.field(f.name) if _encoded(given.field(f.name).type, f.type) else f
            for f in self._schema
        ]
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._sink = _Hashing(self._temporary.open("wb"))
        # Without Arrow's own schema in the file, encoded text is read as text.
        self._writer = pq.ParquetWriter(
            pa.PythonFile(self._sink, mode="w"),
            pa.schema(fields),
            compression="zstd",
            compression_level=1,
            use_dictionary=self.waiting > FEW,
            store_schema=False,
        )

    def close(self) -> dict | None:
        self.flush()
        if self._writer is None:
            return None
        try:
            self._writer.close()
            self._sink.file.close()
            self._temporary.replace(self._path)
        except OSError as e:
            self.abort()
            raise self._unwritable(e) from e
        return {
            "source": self._table.source,
            "table": self._table.name,
            "path": self._relative.as_posix(),
            "rows": self.rows,
            "bytes": self._sink.bytes,
            "sha256": self._sink.hash.hexdigest(),
            "schema_version": self._version,
        }

    def abort(self) -> None:
        self._waiting, self.waiting = [], 0
        if self._sink is not None:
            self._sink.file.close()
            self._temporary.unlink(missing_ok=True)

    def _unwritable(self, e: OSError) -> TaproomError:
        return TaproomError(
            f"The file {self._relative} cannot be written: {e.strerror or e}",
            str(self._path),
            "free some disk space and run the same command again; it goes on where it stopped",
        )


class _Hashing:
    """A file to write to that counts and hashes what passes."""

    def __init__(self, file):
        self.file, self.bytes, self.hash = file, 0, hashlib.sha256()
        self.closed = False

    def write(self, data) -> int:
        view = memoryview(data)
        self.hash.update(view)
        self.bytes += view.nbytes
        return self.file.write(view)

    def tell(self) -> int:
        return self.bytes

    def flush(self) -> None:
        self.file.flush()

    def close(self) -> None:
        self.closed = True


def _encoded(given: pa.DataType, wanted: pa.DataType) -> bool:
    return pa.types.is_dictionary(given) and given.value_type == wanted


def write_table(place: Path, table: Table, batch: Batch, rows: pa.Table) -> dict | None:
    """Write one file of a batch at once; returns its manifest entry, None for no rows."""
    file = TableFile(place, table, batch)
    file.add(rows)
    return file.close()


def split(rows: pa.Table, batches: list[Batch]) -> list[pa.Table]:
    """Rows by the batch they arrive in, in their own order."""
    if len(batches) == 1 or not len(rows):
        return [rows] + [rows.slice(0, 0)] * (len(batches) - 1)
    arrived = pc.cast(rows["_arrived_at"], pa.int64()).to_numpy()
    which = np.searchsorted([b.lo for b in batches], arrived, side="right") - 1
    order = np.argsort(which, kind="stable")
    rows = rows.take(pa.array(order))
    edges = np.searchsorted(which[order], np.arange(len(batches) + 1))
    return [rows.slice(a, b - a) for a, b in pairwise(edges)]


def entry(seq: int, batch: Batch, files: list[dict]) -> dict:
    """A batch as the manifest lists it."""
    return {
        "batch_id": batch.id,
        "seq": seq,
        "from": clock.iso(batch.lo),
        "to": clock.iso(batch.hi),
        "files": files,
    }


def remove(root: Path) -> None:
    """Delete the world below a root: landing files, truth, checkpoints, answers."""
    (folder(root) / MANIFEST).unlink(missing_ok=True)
    for name in ("landing", "truth", "world", "regenerated"):
        shutil.rmtree(root / name, ignore_errors=True)
