"""One landing file on disk: is it whole, and what is in it, a chunk at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from taproom.errors import TaproomError
from taproom.ingest.manifest import Batch, LandingFile

CHUNK_ROWS = 65_536
MAGIC = b"PAR1"


def opened(landing: Path, file: LandingFile, batch: Batch) -> pq.ParquetFile:
    """The file, once it is proven to be what the manifest says; raises TaproomError if not.

    From the coarse to the fine: is it there, has it its length, its checksum, is it Parquet,
    has it its rows.
    """
    path = landing / file.path
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            head = stream.read(4)
            stream.seek(max(size - 4, 0))
            tail = stream.read(4)
            stream.seek(0)
            found = hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError:
        raise damaged(path, file, batch, "is missing") from None
    except OSError as error:
        raise damaged(path, file, batch, f"cannot be read ({error.strerror})") from None
    if found != file.sha256:
        if size == 0:
            why = "is empty"
        elif head != MAGIC:
            why = "is not a Parquet file"
        elif size < file.bytes or tail != MAGIC:
            why = f"is cut off: it has {size:,} bytes of {file.bytes:,}"
        else:
            why = "was changed after it was written: its checksum is not the manifest's"
        raise damaged(path, file, batch, why)
    try:
        parquet = pq.ParquetFile(path, memory_map=True)
    except (pa.ArrowException, OSError):
        raise damaged(path, file, batch, "is not a Parquet file that can be read") from None
    if parquet.metadata.num_rows != file.rows:
        parquet.close()
        raise damaged(
            path,
            file,
            batch,
            f"has {parquet.metadata.num_rows:,} rows where the manifest says {file.rows:,}",
        )
    return parquet


def chunks(
    path: Path, metadata: pq.FileMetaData, file: LandingFile, batch: Batch
) -> Iterator[pa.RecordBatch]:
    """The rows of a file that was `opened` before, in order, at most CHUNK_ROWS at a time."""
    try:
        with pq.ParquetFile(path, metadata=metadata, memory_map=True) as parquet:
            yield from parquet.iter_batches(batch_size=CHUNK_ROWS, use_threads=False)
    except (pa.ArrowException, OSError) as error:
        why = f"cannot be decoded ({str(error).splitlines()[0]})"
        raise damaged(path, file, batch, why) from None


def damaged(path: Path, file: LandingFile, batch: Batch, why: str) -> TaproomError:
    """The error of a batch whose file cannot be used."""
    return TaproomError(
        f"The landing file of {file.name} in batch {batch.id} {why}. Nothing of batch {batch.id} "
        "was loaded; the batches before it stay.",
        where=str(path),
        remedy=f"./taproom world regenerate --table {file.name} --date {batch.start:%Y-%m-%d}, "
        "then ./taproom ingest",
    )
