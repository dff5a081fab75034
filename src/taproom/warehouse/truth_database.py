"""The hidden truth as a database of its own, for graders who would rather write SQL.

Only its owner may connect to it: neither the learner's role nor Superset's ever sees a row.
"""

from __future__ import annotations

from pathlib import Path

from taproom import settings
from taproom.errors import TaproomError
from taproom.services import postgres

DATABASE = "taproom_truth"
SCHEMA = "truth"
_MAKING = f"{DATABASE}_new"


def load_truth(folder: Path, progress=None) -> dict[str, int]:
    """Load every Parquet file of a truth folder into schema `truth` of `taproom_truth`.

    Returns rows by table. The database is made beside the old one and takes its place whole, so
    a load that fails leaves what was there. Raises TaproomError for an empty folder or a file
    that cannot be read.
    """
    files = sorted(Path(folder).glob("*.parquet"))
    if not files:
        raise TaproomError(
            "There is no truth here yet.", str(folder), "write it: ./taproom world truth"
        )
    postgres.drop_database(_MAKING)
    postgres.create_database(_MAKING, settings.OWNER)
    try:
        rows = _fill(postgres.url(settings.OWNER, _MAKING), files, progress or _silent)
    except BaseException:
        postgres.drop_database(_MAKING)
        raise
    postgres.drop_database(DATABASE)
    postgres.rename_database(_MAKING, DATABASE)
    return rows


def _fill(dsn: str, files: list[Path], say) -> dict[str, int]:
    import adbc_driver_postgresql.dbapi as adbc
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows: dict[str, int] = {}
    with adbc.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute(f"create schema {SCHEMA}")
        for i, file in enumerate(files, 1):
            say("load", i, "of", len(files), file.stem)
            try:
                with pq.ParquetFile(file) as parquet:
                    reader = pa.RecordBatchReader.from_batches(
                        parquet.schema_arrow, parquet.iter_batches()
                    )
                    cursor.adbc_ingest(file.stem, reader, mode="create", db_schema_name=SCHEMA)
                    rows[file.stem] = parquet.metadata.num_rows
            except (pa.ArrowInvalid, OSError) as error:
                raise TaproomError(
                    f"The truth table {file.stem} cannot be read: {error}",
                    str(file),
                    "write it again: ./taproom world truth",
                ) from error
        connection.commit()
    return rows


def _silent(*_parts) -> None:
    return None
