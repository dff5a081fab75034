"""Landing files for the tests: written from the contracts, then damaged as a test likes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from taproom import contracts

START = datetime(2024, 1, 1, tzinfo=UTC)
Change = Callable[[pa.Table], pa.Table]


def value(column: contracts.Column, row: int):
    """A value that keeps the contract of a column, another one for each row."""
    if column.enum:
        return column.enum[row % len(column.enum)]
    return {
        "t": f"{column.name}-{row}",
        "i": row,
        "b": row * 10**10,
        "n": Decimal(row) / 8,
        "f": row / 3,
        "o": row % 2 == 0,
        "z": START + timedelta(seconds=row, microseconds=row),
        "d": date(2024, 1, 1) + timedelta(days=row),
        "j": json.dumps({"row": row, "text": "déjà vu", "list": [1, 2.5, None]}),
    }[column.type]


class Landing:
    """A world's root folder with a landing folder and its manifest."""

    def __init__(self, root: Path, seed: int = 1) -> None:
        self.root = root
        self.folder = root / "landing"
        self.folder.mkdir(parents=True)
        self.document = {
            "format": 2,
            "seed": seed,
            "scale": "tiny",
            "world_id": f"tiny-{seed}-default",
            "start": "2024-01-01T00:00:00Z",
            "as_of": "2024-01-01T00:00:00Z",
            "batches": [],
        }
        self.save()

    def rows(self, source: str, table: str, count: int, start: datetime, end: datetime) -> pa.Table:
        """Rows that keep the contract, arrived in [start, end)."""
        contract = contracts.tables()[source, table]
        schema = contract.arrow_schema(start, end)
        offset = start.toordinal() * 1000
        columns = {
            c.name: [value(c, offset % 1000 + row) for row in range(count)]
            for c in contract.columns_between(start, end)
        }
        columns["_arrived_at"] = [start + timedelta(minutes=row) for row in range(count)]
        return pa.table(columns, schema=schema)

    def month(
        self,
        number: int,
        rows: dict[str, int],
        change: dict[str, Change] | None = None,
    ) -> dict:
        """Add the batch of month `number` of 2024: rows by "source.table", changed at will."""
        start = datetime(2024, number, 1, tzinfo=UTC)
        end = datetime(2024, number + 1, 1, tzinfo=UTC)
        return self.batch(f"2024-{number:02d}", start, end, rows, change)

    def batch(
        self,
        batch_id: str,
        start: datetime,
        end: datetime,
        rows: dict[str, int],
        change: dict[str, Change] | None = None,
    ) -> dict:
        """Write one batch's files and put it into the manifest."""
        files = []
        for name, count in rows.items():
            source, table = name.split(".")
            data = self.rows(source, table, count, start, end)
            data = (change or {}).get(name, lambda same: same)(data)
            path = self.folder / source / table / f"{batch_id}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(data, path, compression="zstd")
            entry = {"source": source, "table": table, "path": f"{source}/{table}/{path.name}"}
            files.append(entry | {"schema_version": "0"})
            self.describe(files[-1])
        batch = {
            "batch_id": batch_id,
            "seq": len(self.document["batches"]) + 1,
            "from": start.isoformat(),
            "to": end.isoformat(),
            "files": files,
        }
        self.document["batches"].append(batch)
        self.document["as_of"] = batch["to"]
        self.save()
        return batch

    def describe(self, entry: dict) -> None:
        """Make a file's manifest entry true."""
        path = self.folder / entry["path"]
        entry["bytes"] = path.stat().st_size
        entry["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
        entry["rows"] = pq.read_metadata(path).num_rows

    def path(self, entry: dict) -> Path:
        return self.folder / entry["path"]

    def save(self) -> None:
        text = json.dumps(self.document, indent=1)
        (self.folder / "_manifest.json").write_text(text, "utf-8")
