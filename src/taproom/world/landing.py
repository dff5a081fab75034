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

from ..contracts import Table
from ..errors import TaproomError
from . import clock

#: 2: every source of the company; 1 held app, stripe and finance only.
FORMAT = 2
MANIFEST = "_manifest.json"


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


def write_table(root: Path, table: Table, batch: Batch, rows: pa.Table) -> dict | None:
    """Write one file of a batch; returns its manifest entry, None for no rows."""
    if not len(rows):
        return None
    between = clock.as_datetime(batch.lo), clock.as_datetime(batch.hi)
    schema = table.arrow_schema(*between)
    rows = rows.select(schema.names).cast(schema)
    relative = Path(table.source) / table.name / f"{batch.id}.parquet"
    path = folder(root) / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    try:
        pq.write_table(rows, temporary, compression="zstd", compression_level=1)
        content = temporary.read_bytes()
        temporary.replace(path)
    except OSError as e:
        temporary.unlink(missing_ok=True)
        raise TaproomError(
            f"The file {relative} cannot be written: {e.strerror or e}",
            str(path),
            "free some disk space and run the same command again; nothing was recorded",
        ) from e
    return {
        "source": table.source,
        "table": table.name,
        "path": relative.as_posix(),
        "rows": len(rows),
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "schema_version": table.schema_version(*between),
    }


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
    for name in ("landing", "truth", "world"):
        shutil.rmtree(root / name, ignore_errors=True)
