"""One landing file on disk: is it whole, and what is in it, a chunk at a time."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from taproom.errors import TaproomError
from taproom.ingest.manifest import Batch, LandingFile

CHUNK_ROWS = 16_384
KEPT_BYTES = 1 << 20  # a file up to this size is read once; of a larger one only the footer stays
MAGIC = b"PAR1"


@dataclass(frozen=True)
class Whole:
    """A file that is what the manifest says."""

    path: Path
    file: LandingFile
    batch: Batch
    metadata: pq.FileMetaData
    schema: pa.Schema
    parquet: pq.ParquetFile | None  # of a small file, in memory

    def chunks(self) -> Iterator[pa.RecordBatch]:
        """The rows in order, at most CHUNK_ROWS at a time; raises TaproomError."""
        try:
            with self.parquet or _opened(self.path, self.metadata) as parquet:
                yield from parquet.iter_batches(batch_size=CHUNK_ROWS, use_threads=False)
        except (pa.ArrowException, OSError) as error:
            why = f"cannot be decoded ({str(error).splitlines()[0]})"
            raise damaged(self.path, self.file, self.batch, why) from None


def proven(landing: Path, file: LandingFile, batch: Batch) -> Whole:
    """The file, once it is proven to be what the manifest says; raises TaproomError if not.

    From the coarse to the fine: is it there, has it its length, its checksum, is it Parquet,
    has it its rows.
    """
    path = landing / file.path
    try:
        with path.open("rb", buffering=0) as stream:
            kept = os.fstat(stream.fileno()).st_size <= KEPT_BYTES
            content = stream.readall() if kept else b""
            digest = hashlib.sha256(content) if kept else hashlib.file_digest(stream, "sha256")
    except FileNotFoundError:
        raise damaged(path, file, batch, "is missing") from None
    except OSError as error:
        raise damaged(path, file, batch, f"cannot be read ({error.strerror})") from None
    if digest.hexdigest() != file.sha256:
        raise damaged(path, file, batch, _other(path, file))
    try:
        parquet = pq.ParquetFile(pa.BufferReader(content)) if kept else _opened(path)
        metadata, schema = parquet.metadata, parquet.schema_arrow
    except (pa.ArrowException, OSError):
        raise damaged(path, file, batch, "is not a Parquet file that can be read") from None
    if metadata.num_rows != file.rows:
        why = f"has {metadata.num_rows:,} rows where the manifest says {file.rows:,}"
        raise damaged(path, file, batch, why)
    if not kept:
        parquet.close()
    return Whole(path, file, batch, metadata, schema, parquet if kept else None)


def _opened(path: Path, metadata: pq.FileMetaData | None = None) -> pq.ParquetFile:
    return pq.ParquetFile(path, metadata=metadata, memory_map=True)


def _other(path: Path, file: LandingFile) -> str:
    """How a file whose checksum is another came to be so."""
    with path.open("rb") as stream:
        head = stream.read(len(MAGIC))
        size = stream.seek(0, 2)
        stream.seek(max(size - len(MAGIC), 0))
        tail = stream.read()
    if size == 0:
        return "is empty"
    if head != MAGIC:
        return "is not a Parquet file"
    if size < file.bytes or tail != MAGIC:
        return f"is cut off: it has {size:,} bytes of {file.bytes:,}"
    return "was changed after it was written: its checksum is not the manifest's"


def damaged(path: Path, file: LandingFile, batch: Batch, why: str) -> TaproomError:
    """The error of a batch whose file cannot be used."""
    return TaproomError(
        f"The landing file of {file.name} in batch {batch.id} {why}. Nothing of batch {batch.id} "
        "was loaded; the batches before it stay.",
        where=str(path),
        remedy=f"./taproom world regenerate --table {file.name} --date {batch.start:%Y-%m-%d}, "
        "then ./taproom ingest",
    )
