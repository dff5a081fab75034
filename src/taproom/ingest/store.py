"""The database side: one session that writes batches, each in one transaction.

Rows go in by binary COPY through ADBC. Arrow hands rows over in small slices, so that the client
encodes one slice while the server stores the one before: twice the speed of one large slice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

import adbc_driver_manager as manager
import adbc_driver_postgresql.dbapi as adbc
import psycopg
import pyarrow as pa
import pyarrow.compute as pc

from taproom import contracts
from taproom.contracts import Column, Table
from taproom.errors import TaproomError
from taproom.ingest import ddl
from taproom.ingest.drift import Change
from taproom.ingest.manifest import Manifest

SLICE_ROWS = 4_000
LOCK = 7_226_463_318  # any number no other program takes; one ingest a database
LOCK_WAIT = "10s"
JSONB_VERSION = "\x01"  # the byte before the text in jsonb's binary form
CODES = {
    "text": "t",
    "int4": "i",
    "int8": "b",
    "numeric": "n",
    "float8": "f",
    "bool": "o",
    "timestamptz": "z",
    "date": "d",
    "jsonb": "j",
}


class UnstorableValue(Exception):
    """PostgreSQL refused a value that the checks had let pass."""


class Store:
    """An open ingest session; use it as a context manager. Raises TaproomError."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        with _explained("connecting to the database"):
            self._connection = adbc.connect(dsn)
        self._cursor = self._connection.cursor()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *failure) -> None:
        for part in (self._cursor, self._connection):
            try:
                part.close()
            except manager.Error:
                if failure[0] is None:
                    raise

    def lock(self) -> None:
        """Become the only ingest of this database, or fail after some seconds of waiting."""
        with _explained("taking the ingest's lock"):
            for setting in (
                "application_name = 'taproom ingest'",
                "timezone = 'UTC'",
                "client_connection_check_interval = '1s'",
                f"lock_timeout = '{LOCK_WAIT}'",
            ):
                self._cursor.execute(f"set {setting}")
            self._connection.commit()
            try:
                self._cursor.execute(f"select 1 from pg_advisory_lock({LOCK})")
                self._cursor.fetchall()
            except manager.Error as error:
                if error.sqlstate != "55P03":
                    raise
                raise TaproomError(
                    "Another ingest is writing to this database.",
                    where="one database takes one ingest at a time",
                    remedy="wait until it has finished, then ./taproom ingest again",
                ) from None
            self._cursor.execute("set lock_timeout = 0")
            self._connection.commit()

    def commit(self) -> None:
        with _explained("finishing a batch"):
            self._connection.commit()

    def rollback(self) -> None:
        """Undo the open transaction; a lost connection has undone it already."""
        try:
            self._connection.rollback()
        except manager.Error:
            return

    def execute(self, statement: str) -> None:
        with _explained(statement):
            self._cursor.execute(statement)

    def rows(self, query: str) -> list[tuple]:
        with _explained(query):
            self._cursor.execute(query)
            return self._cursor.fetchall()

    def append(
        self,
        schema: str,
        name: str,
        columns: pa.Schema,
        rows: Iterable[pa.Table],
        json_columns: Iterable[str],
    ) -> None:
        """Add rows to a table in the open transaction, by one COPY; columns match by name.

        `rows` may be made while they are written; what goes wrong in making them is raised as it
        was. Raises UnstorableValue where a text or a JSON value is none to PostgreSQL.
        """
        source = _Slices(rows, set(json_columns))
        with _explained(f"writing rows to {schema}.{name}"):
            try:
                self._cursor.adbc_ingest(
                    name,
                    pa.RecordBatchReader.from_batches(columns, source),
                    mode="append",
                    db_schema_name=schema,
                )
            except manager.Error as error:
                if source.failure is not None:
                    raise source.failure from None
                if isinstance(error, manager.DataError):
                    raise UnstorableValue(str(error)) from error
                raise

    def not_json(self, values: pa.Array | pa.ChunkedArray) -> list[int]:
        """Positions of the values that PostgreSQL does not take for JSON."""
        self.execute("create temporary table if not exists suspect (position bigint, value text)")
        self.execute("truncate suspect")
        suspects = pa.table({"position": pa.array(range(len(values))), "value": values})
        with _explained("checking JSON"):
            self._cursor.adbc_ingest(
                "suspect", suspects.to_reader(SLICE_ROWS), mode="append", temporary=True
            )
        return [
            position
            for (position,) in self.rows(
                "select position from suspect where not pg_input_is_valid(value, 'jsonb')"
                " order by position"
            )
        ]


class _Slices:
    """Record batches of SLICE_ROWS rows in PostgreSQL's form; keeps the failure of their maker.

    ADBC pulls them from C, where a Python exception would be reduced to its text.
    """

    def __init__(self, tables: Iterable[pa.Table], json_columns: set[str]) -> None:
        self.tables, self.json_columns = tables, json_columns
        self.failure: BaseException | None = None

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        try:
            for table in self.tables:
                yield from self._prefixed(table).to_batches(max_chunksize=SLICE_ROWS)
        except BaseException as failure:
            self.failure = failure
            raise

    def _prefixed(self, table: pa.Table) -> pa.Table:
        for name in self.json_columns:
            index = table.schema.get_field_index(name)
            values = pc.binary_join_element_wise(JSONB_VERSION, table.column(index), "")
            table = table.set_column(index, name, values)
        return table


def prepare(dsn: str) -> dict[tuple[str, str], dict[str, str]]:
    """Make schemas, tables and functions that are not there yet; add columns contracts gained.

    Returns columns of raw tables beyond their contracts: (source, table) -> name -> type code.
    """
    known = contracts.tables()
    with _explained("making the raw and ops tables"), psycopg.connect(dsn) as connection:
        # Two first ingests at once: the second waits here and then finds everything made.
        connection.execute(f"select pg_advisory_xact_lock({LOCK + 1})")
        there = {row[0] for row in connection.execute("select nspname from pg_namespace")}
        wanted = ["ops", *(f"raw_{source}" for source in contracts.SOURCES)]
        for schema in wanted:
            if schema not in there:
                connection.execute(f"create schema {ddl.quoted(schema)}")
        if connection.execute("select to_regclass('ops.schema_drift') is null").fetchone()[0]:
            connection.execute(ddl.OPS)
        made = _columns(connection)
        statements = []
        for key, table in known.items():
            if key not in made:
                statements.append(ddl.create(table))
            elif lacking := [c for c in table.columns if c.name not in made[key]]:
                statements.append(ddl.add_columns(table, lacking))
        if statements:
            connection.execute(";\n".join(statements))
            _let_learners_read(connection)
    own = {name for name, _, _ in ddl.METADATA}
    return {
        key: {
            name: code
            for name, code in made.get(key, {}).items()
            if name not in own and name not in {c.name for c in table.columns}
        }
        for key, table in known.items()
    }


def logged_drift(store: Store) -> Iterator[Change]:
    """All of ops.schema_drift, oldest first."""
    query = (
        "select source, table_name, column_name, change, detail from ops.schema_drift"
        " order by batch_seq"
    )
    return (Change(*row) for row in store.rows(query))


def set_clock(store: Store, manifest: Manifest, as_of: datetime) -> None:
    """Move the company's clock, in the open transaction."""
    store.execute("delete from ops.clock")
    clock = pa.table(
        {
            "as_of": pa.array([as_of], pa.timestamp("us", "UTC")),
            "world_id": [manifest.world_id],
            "seed": pa.array([manifest.seed], pa.int64()),
            "scale": [manifest.scale],
            "started_at": pa.array([manifest.start], pa.timestamp("us", "UTC")),
        }
    )
    store.append("ops", "clock", clock.schema, [clock], ())


def add_columns(store: Store, table: Table, columns: Iterable[Column]) -> None:
    """Widen a raw table for columns no contract describes."""
    store.execute(ddl.add_columns(table, columns))


def analyze(dsn: str, tables: Iterable[Table]) -> None:
    """Tell the planner about tables that have grown a lot."""
    names = ", ".join(ddl.relation(table) for table in tables)
    if names:
        with (
            _explained("analysing the raw tables"),
            psycopg.connect(dsn, autocommit=True) as connection,
        ):
            # A small sample tells row counts and keys apart, in a tenth of the full one's time.
            connection.execute("set default_statistics_target = 10")
            connection.execute(f"analyze {names}")


def _columns(connection: psycopg.Connection) -> dict[tuple[str, str], dict[str, str]]:
    """Columns of every raw table there is: (source, table) -> name -> type code."""
    query = """
        select substr(n.nspname, 5), c.relname, a.attname, t.typname
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        join pg_type t on t.oid = a.atttypid
        where n.nspname like 'raw\\_%' and c.relkind = 'r'
    """
    found: dict[tuple[str, str], dict[str, str]] = {}
    for source, table, column, type_ in connection.execute(query):
        found.setdefault((source, table), {})[column] = CODES.get(type_, "t")
    return found


def _let_learners_read(connection: psycopg.Connection) -> None:
    """Readers see raw tables and load records; where the roles are not there, nobody to let in."""
    learner = connection.execute("select 1 from pg_roles where rolname = 'learner'").fetchone()
    owner = connection.execute("select current_user = 'learner'").fetchone()[0]
    if learner and not owner:
        books = ", ".join(f"ops.{name}" for name in ddl.OPS_TABLES)
        connection.execute(
            f"grant usage on schema ops to learner; grant select on {books} to learner"
        )
        for source in contracts.SOURCES:
            schema = ddl.quoted(f"raw_{source}")
            connection.execute(
                f"grant usage on schema {schema} to learner;"
                f" grant select on all tables in schema {schema} to learner"
            )


@contextmanager
def _explained(doing: str) -> Iterator[None]:
    """Turn what the database says into what happened and what to do."""
    try:
        yield
    except (manager.Error, psycopg.Error) as error:
        state = error.sqlstate
        text = str(error).strip().splitlines()[0]
        undone = "The batch being loaded was undone as a whole; the batches before it stay."
        if state == "53100":
            raise TaproomError(
                f"The disk is full. {undone}",
                where=f"{doing}\n{text}",
                remedy="free some space (./taproom doctor says how much is needed), "
                "then ./taproom ingest",
            ) from error
        if isinstance(error, manager.OperationalError | psycopg.OperationalError):
            raise TaproomError(
                f"The connection to PostgreSQL was lost or refused. {undone}",
                where=f"{doing}\n{text}",
                remedy="./taproom up, then ./taproom ingest",
            ) from error
        raise TaproomError(
            f"PostgreSQL refused a statement of the ingest. {undone}",
            where=f"{doing}\n{text}",
            remedy="./taproom reset makes the database anew from the landing files",
        ) from error
