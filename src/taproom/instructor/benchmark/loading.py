"""Loading: the ingest with its checks, beside a bare binary COPY of the same rows and pandas."""

from __future__ import annotations

from time import perf_counter

import psycopg
from psycopg import sql

from taproom import settings
from taproom.instructor.benchmark.measure import Measure

PANDAS_ROWS = 50_000


def measure() -> list[Measure]:
    """Rows a second into this home's database; leaves the landing files loaded."""
    from taproom import ingest
    from taproom.services import postgres

    dsn = postgres.url()
    began = perf_counter()
    ingest.run(settings.data(), dsn)
    taken = perf_counter() - began
    with psycopg.connect(dsn) as connection:
        tables = raw_tables(connection)
        rows = sum(count for _, _, count in tables)
        bare = rows / bare_copy(connection, tables)
    largest = max(tables, key=lambda table: table[2])
    pandas = pandas_rate(dsn, *largest[:2])
    note = "contracts, quarantine and bookkeeping included on our side"
    return [
        Measure("load of a new world", taken, "s", less=True, note=f"{rows:,} rows"),
        Measure("load", rows / taken, "rows/s", "binary COPY, ready-made bytes", bare, goal=0.8,
                note=note),
        Measure("load", rows / taken, "rows/s", "pandas.to_sql", pandas),
    ]  # fmt: skip


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
    taken = 0.0
    for schema, name, _ in tables:
        source, target = sql.Identifier(schema, name), sql.Identifier("bare", f"{schema}_{name}")
        with connection.cursor().copy(
            sql.SQL("copy {} to stdout (format binary)").format(source)
        ) as out:
            encoded = b"".join(out)
        connection.execute(sql.SQL("create table {} (like {})").format(target, source))
        connection.commit()
        began = perf_counter()
        with connection.cursor().copy(
            sql.SQL("copy {} from stdin (format binary)").format(target)
        ) as into:
            for start in range(0, len(encoded), 1 << 20):
                into.write(encoded[start : start + (1 << 20)])
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
