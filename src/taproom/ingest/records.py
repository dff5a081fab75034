"""Rows of the ops tables that go with a load, as Arrow tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

from taproom.ingest.drift import Change
from taproom.ingest.manifest import Batch, LandingFile

if TYPE_CHECKING:
    from taproom.ingest.checks import Broken

INSTANT = pa.timestamp("us", "UTC")


@dataclass
class FileLoad:
    """What became of the rows of one file."""

    batch: Batch
    file: LandingFile
    rows_loaded: int = 0
    rows_quarantined: int = 0

    def check(self) -> None:
        """Rows in = rows loaded + rows quarantined, or the load is wrong."""
        if self.file.rows != self.rows_loaded + self.rows_quarantined:
            raise AssertionError(
                f"{self.file.name}, batch {self.batch.id}: {self.file.rows} rows in, but "
                f"{self.rows_loaded} loaded + {self.rows_quarantined} quarantined"
            )


@dataclass
class BatchLoad:
    """What became of one batch."""

    batch: Batch
    files: list[FileLoad] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    @property
    def rows_loaded(self) -> int:
        return sum(f.rows_loaded for f in self.files)

    @property
    def rows_quarantined(self) -> int:
        return sum(f.rows_quarantined for f in self.files)


def batches(loads: Sequence[BatchLoad]) -> pa.Table:
    """Rows of ops.batch."""
    return pa.table(
        {
            "batch_seq": _numbers(one.batch.seq for one in loads),
            "batch_id": _texts(one.batch.id for one in loads),
            "from_at": pa.array([one.batch.start for one in loads], INSTANT),
            "to_at": pa.array([one.batch.end for one in loads], INSTANT),
            "rows_in": _numbers(one.batch.rows for one in loads),
            "rows_loaded": _numbers(one.rows_loaded for one in loads),
            "rows_quarantined": _numbers(one.rows_quarantined for one in loads),
            "loaded_at": pa.array([one.batch.end for one in loads], INSTANT),
        }
    )


def files(loads: Sequence[FileLoad]) -> pa.Table:
    """Rows of ops.load."""
    return pa.table(
        {
            **_which([(one.batch, one.file.source, one.file.table) for one in loads]),
            "path": _texts(one.file.path for one in loads),
            "sha256": _texts(one.file.sha256 for one in loads),
            "rows_in": _numbers(one.file.rows for one in loads),
            "rows_loaded": _numbers(one.rows_loaded for one in loads),
            "rows_quarantined": _numbers(one.rows_quarantined for one in loads),
        }
    )


def quarantine(broken: Sequence[Broken]) -> pa.Table:
    """Rows of ops.quarantine; row_json is JSON."""
    loads = [row.segment.load for row in broken]
    return pa.table(
        {
            **_which([(one.batch, one.file.source, one.file.table) for one in loads]),
            "path": _texts(one.file.path for one in loads),
            "row_no": _numbers(row.row_no for row in broken),
            "reason": _texts(row.reason for row in broken),
            "row_json": _texts(row.row_json for row in broken),
        }
    )


def drift(changes: Sequence[tuple[Batch, Change]]) -> pa.Table:
    """Rows of ops.schema_drift."""
    return pa.table(
        {
            **_which([(batch, change.source, change.table) for batch, change in changes]),
            "column_name": _texts(change.column for _, change in changes),
            "change": _texts(change.change for _, change in changes),
            "detail": _texts(change.detail for _, change in changes),
        }
    )


def _which(rows: Sequence[tuple[Batch, str, str]]) -> dict[str, pa.Array]:
    return {
        "batch_seq": _numbers(batch.seq for batch, _, _ in rows),
        "batch_id": _texts(batch.id for batch, _, _ in rows),
        "source": _texts(source for _, source, _ in rows),
        "table_name": _texts(table for _, _, table in rows),
    }


def _numbers(values) -> pa.Array:
    return pa.array(list(values), pa.int64())


def _texts(values) -> pa.Array:
    return pa.array(list(values), pa.string())
