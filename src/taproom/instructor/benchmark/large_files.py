"""A landing folder of few large files, made of a world's own: its months joined and repeated."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from taproom.ingest import manifest

ROWS = 1_000_000  # at least
ROW_GROUP = 250_000


def make(world: Path, root: Path) -> int:
    """Write a landing folder below `root` with all of `world`'s rows in one batch; returns rows.

    One file a table. The rows are repeated until there are ROWS of them: raw tables are a log, so
    a row may come again.
    """
    landed = manifest.read(world)
    times = -(-ROWS // sum(batch.rows for batch in landed.batches))
    by_table: dict[tuple[str, str], list[Path]] = {}
    for batch in landed.batches:
        for file in batch.files:
            by_table.setdefault(file.key, []).append(landed.landing / file.path)
    files = [
        _joined(root / "landing", key, paths, times) for key, paths in sorted(by_table.items())
    ]
    document = json.loads((landed.landing / manifest.NAME).read_text("utf-8"))
    first, last = document["batches"][0], document["batches"][-1]
    batch = first | {"batch_id": "all", "to": last["to"], "files": files}
    text = json.dumps(document | {"batches": [batch]})
    (root / "landing" / manifest.NAME).write_text(text, "utf-8")
    return sum(file["rows"] for file in files)


def _joined(landing: Path, key: tuple[str, str], paths: list[Path], times: int) -> dict:
    """One file of all a table's; returns its manifest entry. Memory holds ROW_GROUP rows or so."""
    empty = pa.unify_schemas([pq.read_schema(path) for path in paths]).empty_table()
    source, table = key
    path = landing / source / table / "all.parquet"
    path.parent.mkdir(parents=True)
    waiting, rows = [empty], 0
    with pq.ParquetWriter(path, empty.schema, compression="zstd", compression_level=1) as writer:
        for one in paths * times:
            waiting.append(pq.read_table(one))
            rows += len(waiting[-1])
            if sum(map(len, waiting)) >= ROW_GROUP:
                writer.write_table(pa.concat_tables(waiting, promote_options="default"))
                waiting = [empty]
        writer.write_table(pa.concat_tables(waiting, promote_options="default"))
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    return {
        "source": source,
        "table": table,
        "path": path.relative_to(landing).as_posix(),
        "rows": rows,
        "bytes": path.stat().st_size,
        "sha256": sha256,
        "schema_version": "",
    }
