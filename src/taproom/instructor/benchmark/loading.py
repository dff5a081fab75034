"""Loading: the ingest with its checks, beside a bare binary COPY of the same rows and pandas."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import psycopg
from psycopg import sql

from taproom import settings
from taproom.instructor.benchmark import large_files
from taproom.instructor.benchmark.measure import Measure

PANDAS_ROWS = 50_000
ROUNDS = 3
ENOUGH_SECONDS = 90  # then there are fewer rounds
IN_MEMORY = 512 << 20  # bytes of one table; more go through a file
SPARE = "bench_load"
BARE = "binary COPY, ready-made bytes"
ROUNDS_NOTE = (
    "contracts, quarantine and bookkeeping on our side; the bare COPY leaves out reading, checking "
    "and encoding the rows, making the tables and their statistics; "
    f"medians of up to {ROUNDS}, each into a new database"
)


def measure() -> list[Measure]:
    """Rows a second of the world's own files, and of large ones; leaves the world's loaded."""
    from taproom import ingest
    from taproom.services import postgres

    world = settings.data()
    own = rounds(world)
    with tempfile.TemporaryDirectory(prefix="taproom-large-") as place:
        large_files.make(world, Path(place))
        large = rounds(Path(place))
    dsn = postgres.url()
    ingest.run(world, dsn)
    with psycopg.connect(dsn) as connection:
        largest = max(raw_tables(connection), key=lambda table: table[2])
    pandas = pandas_rate(dsn, *largest[:2])
    return [
        Measure("load of a new world", own.seconds, "s", less=True, note=own.note),
        Measure("load", own.rate, "rows/s", BARE, own.bare_rate, goal=0.8, note=ROUNDS_NOTE),
        Measure("load of large files", large.rate, "rows/s", BARE, large.bare_rate, goal=0.8,
                note=large.note),
        Measure("load", own.rate, "rows/s", "pandas.to_sql", pandas),
    ]  # fmt: skip


@dataclass(frozen=True)
class Rounds:
    """Median seconds of loads into new databases, and of bare COPYs of the same rows."""

    rows: int
    files: int
    tables: int
    seconds: float
    bare_seconds: float

    @property
    def rate(self) -> float:
        return self.rows / self.seconds

    @property
    def bare_rate(self) -> float:
        return self.rows / self.bare_seconds

    @property
    def note(self) -> str:
        return f"{self.rows:,} rows in {self.files} files of {self.tables} tables"


def rounds(root: Path) -> Rounds:
    """Load a landing folder into a new database, then COPY the same rows bare; ROUNDS times."""
    from taproom import ingest
    from taproom.ingest import manifest
    from taproom.services import postgres

    ours, bare = [], []
    for _ in range(ROUNDS):
        postgres.create_database(SPARE)
        try:
            dsn = postgres.url(settings.OWNER, SPARE)
            began = perf_counter()
            ingest.run(root, dsn)
            ours.append(perf_counter() - began)
            with psycopg.connect(dsn) as connection:
                tables = [table for table in raw_tables(connection) if table[2]]
                connection.commit()
                bare.append(bare_copy(connection, tables))
            if sum(ours) + sum(bare) > ENOUGH_SECONDS:
                break
        finally:
            postgres.drop_database(SPARE)
    files = sum(len(batch.files) for batch in manifest.read(root).batches)
    rows = sum(count for _, _, count in tables)
    return Rounds(rows, files, len(tables), median(ours), median(bare))


def raw_tables(connection: psycopg.Connection) -> list[tuple[str, str, int]]:
    """(schema, table, rows) of everything that was loaded."""
    names = connection.execute(
        "select schemaname, tablename from pg_tables where schemaname like 'raw\\_%' order by 1, 2"
    ).fetchall()
    return [
        (schema, name, connection.execute(
            sql.SQL("select count(*) from {}").format(sql.Identifier(schema, name))
        ).fetchone()[0])
        for schema, name in names
    ]  # fmt: skip


def bare_copy(connection: psycopg.Connection, tables: list[tuple[str, str, int]]) -> float:
    """Seconds to COPY the same rows, encoded beforehand, into empty twins of the tables."""
    connection.execute("create schema bare")
    connection.commit()
    taken = 0.0
    for schema, name, _ in tables:
        source, target = sql.Identifier(schema, name), sql.Identifier("bare", f"{schema}_{name}")
        connection.execute(sql.SQL("create table {} (like {})").format(target, source))
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as encoded:
            with connection.cursor().copy(
                sql.SQL("copy {} to stdout (format binary)").format(source)
            ) as out:
                encoded.writelines(out)
            encoded.seek(0)
            connection.commit()
            began = perf_counter()
            with connection.cursor().copy(
                sql.SQL("copy {} from stdin (format binary)").format(target)
            ) as into:
                while piece := encoded.read(1 << 20):
                    into.write(piece)
            connection.commit()
            taken += perf_counter() - began
    connection.execute("drop schema bare cascade")
    connection.commit()
    return taken


def pandas_rate(dsn: str, schema: str, name: str) -> float:
    """Rows a second of pandas.to_sql as it comes, on the first rows of the largest table."""
    import pandas
    import sqlalchemy

    engine = sqlalchemy.create_engine(dsn)
    try:
        with engine.begin() as connection:
            frame = pandas.read_sql(
                f'select * from "{schema}"."{name}" limit {PANDAS_ROWS}', connection
            )
        for column in frame.select_dtypes(object).columns:
            frame[column] = frame[column].map(
                lambda value: str(value) if isinstance(value, dict | list) else value
            )
        began = perf_counter()
        frame.to_sql("bare_pandas", engine, index=False, if_exists="replace")
        taken = perf_counter() - began
        with engine.begin() as connection:
            connection.execute(sqlalchemy.text("drop table bare_pandas"))
    finally:
        engine.dispose()
    return len(frame) / taken
