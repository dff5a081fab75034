"""The database side: an ADBC session that writes batches, each in one transaction.

Rows go in by ADBC's binary COPY. It pulls them in slices small enough for the processor's cache, so
that it encodes one slice while the server stores the one before. The session is ADBC's own
connection and not its DB-API, whose import brings polars and pandas along (docs/ingest.md).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime

import adbc_driver_manager as adbc
import adbc_driver_postgresql as driver
import pyarrow as pa
import pyarrow.compute as pc

from taproom import contracts
from taproom.contracts import Column, Table
from taproom.errors import TaproomError
from taproom.ingest import ddl
from taproom.ingest.drift import Change
from taproom.ingest.manifest import Manifest

LOCK = 7_226_463_318  # any number no other program takes; one ingest a database
LOCK_WAIT = "10s"
LOCK_NOT_AVAILABLE, DISK_FULL, DATA_EXCEPTION = "55P03", "53100", "22"  # SQLSTATEs, one a class
SETTINGS = (
    "set application_name = 'taproom ingest'; set timezone = 'UTC';"
    " set client_connection_check_interval = '1s'; set lock_timeout = '{}'"
)
SLICE_ROWS = 4_096  # encoded and sent at once
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
#: columns of raw tables, load metadata included: (source, table) -> name -> type code
Columns = dict[tuple[str, str], dict[str, str]]


class UnstorableValue(Exception):
    """PostgreSQL refused a value that the checks had let pass."""


class Store:
    """An open ingest session; use it as a context manager. Raises TaproomError."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        with _explained("connecting to the database"), ExitStack() as opened:
            database = opened.enter_context(driver.connect(dsn))
            self._connection = opened.enter_context(adbc.AdbcConnection(database))
            self._connection.set_autocommit(False)
            self._opened = opened.pop_all()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *failure) -> None:
        self.close()

    def close(self) -> None:
        self._opened.close()

    def sibling(self) -> Store:
        """Another session, for rows that are written at the same time; close it."""
        other = Store(self._dsn)
        other.execute(SETTINGS.format(0))
        other.commit()
        return other

    def lock(self) -> None:
        """Become the only ingest of this database, or fail after some seconds of waiting."""
        with _explained("taking the ingest's lock"):
            self._run(SETTINGS.format(LOCK_WAIT))
            self._connection.commit()
            try:
                self._run(f"select pg_advisory_lock({LOCK})")
            except adbc.Error as error:
                if error.sqlstate != LOCK_NOT_AVAILABLE:
                    raise
                raise TaproomError(
                    "Another ingest is writing to this database.",
                    where="one database takes one ingest at a time",
                    remedy="wait until it has finished, then ./taproom ingest again",
                ) from None
            self._run("set lock_timeout = 0")
            self._connection.commit()

    def commit(self) -> None:
        with _explained("finishing a batch"):
            self._connection.commit()

    def rollback(self) -> None:
        """Undo the open transaction; a lost connection has undone it already."""
        try:
            self._connection.rollback()
        except adbc.Error:
            return

    def execute(self, statements: str) -> None:
        """Run one or more statements, in one message to the server."""
        with _explained(statements):
            self._run(statements)

    def outside(self, statement: str) -> None:
        """Run a statement that takes no transaction around it; an open one is committed."""
        with _explained(statement):
            self._connection.set_autocommit(True)
            try:
                self._run(statement)
            finally:
                self._connection.set_autocommit(False)

    def empty(self, table: Table) -> None:
        """Give an empty table new files in the open transaction, so that its rows need no log.

        PostgreSQL writes no log for a table made in the same transaction (wal_level minimal).
        """
        self.execute(f"truncate {ddl.relation(table)}")

    def rows(self, query: str) -> list[tuple]:
        """Rows of a small result."""
        with _explained(query), adbc.AdbcStatement(self._connection) as statement:
            # Without COPY the whole result is there before it is read: failures are ADBC's.
            statement.set_options(**{driver.StatementOptions.USE_COPY.value: "false"})
            statement.set_sql_query(query)
            stream, _ = statement.execute_query()
            result = pa.RecordBatchReader.from_stream(stream).read_all()
        return list(zip(*(column.to_pylist() for column in result.columns), strict=True))

    def append(
        self, schema: str, name: str, columns: pa.Schema, rows: Iterable[pa.RecordBatch]
    ) -> None:
        """Add rows to a table in the open transaction, by one COPY; columns match by name.

        JSON columns have the form `with_jsonb` gives. `rows` may be made while they are written;
        what goes wrong in making them is raised as it was. Raises UnstorableValue where a text or
        a JSON value is none to PostgreSQL.
        """
        self._ingest(columns, rows, f"{schema}.{name}", {
            adbc.INGEST_OPTION_TARGET_TABLE: name,
            adbc.StatementOptions.INGEST_TARGET_DB_SCHEMA.value: schema,
        })  # fmt: skip

    def _ingest(
        self,
        columns: pa.Schema,
        rows: Iterable[pa.RecordBatch],
        relation: str,
        options: dict[str, str],
    ) -> None:
        source = _Slices(rows)
        reader = pa.RecordBatchReader.from_batches(columns, source)
        options = options | {adbc.INGEST_OPTION_MODE: adbc.INGEST_OPTION_MODE_APPEND}
        with (
            _explained(f"writing rows to {relation}"),
            adbc.AdbcStatement(self._connection) as statement,
        ):
            statement.set_options(**options)
            statement.bind_stream(reader)
            try:
                statement.execute_update()
            except adbc.Error as error:
                if source.failure is not None:
                    raise source.failure from None
                if (error.sqlstate or "").startswith(DATA_EXCEPTION):
                    raise UnstorableValue(str(error)) from error
                raise

    def _run(self, statements: str) -> None:
        with adbc.AdbcStatement(self._connection) as statement:
            statement.set_sql_query(statements)
            statement.execute_update()

    def not_json(self, values: pa.Array | pa.ChunkedArray) -> list[int]:
        """Positions of the values that PostgreSQL does not take for JSON."""
        self.execute("create temporary table if not exists suspect (position bigint, value text)")
        self.execute("truncate suspect")
        positions = pa.array(range(len(values)), pa.int64())
        suspects = pa.table({"position": positions, "value": values})
        self._ingest(suspects.schema, suspects.to_batches(), "suspect", {
            adbc.INGEST_OPTION_TARGET_TABLE: "suspect",
            adbc.StatementOptions.INGEST_TEMPORARY.value: "true",
        })  # fmt: skip
        return [
            position
            for (position,) in self.rows(
                "select position from suspect where not pg_input_is_valid(value, 'jsonb')"
                " order by position"
            )
        ]

    def columns(self) -> Columns:
        """Columns of every raw table there is."""
        found: Columns = {}
        for source, table, column, type_ in self.rows(
            """
            select substr(n.nspname, 5), c.relname, a.attname, t.typname
            from pg_class c
            join pg_namespace n on n.oid = c.relnamespace
            join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            join pg_type t on t.oid = a.atttypid
            where n.nspname like 'raw\\_%' and c.relkind = 'r'
            """
        ):
            found.setdefault((source, table), {})[column] = CODES.get(type_, "t")
        return found

    def prepare(self, made: Columns) -> None:
        """Make schemas, tables and functions that are not there yet; add columns contracts gained.

        `made` is what `columns` found. Everything is one message to the server and one transaction.
        """
        there = {row[0] for row in self.rows("select nspname from pg_namespace")}
        wanted = ["ops", *(f"raw_{source}" for source in contracts.SOURCES)]
        statements = [f"create schema {ddl.quoted(s)}" for s in wanted if s not in there]
        if self.rows("select to_regclass('ops.schema_drift') is null")[0][0]:
            statements.append(ddl.OPS)
        for key, table in contracts.tables().items():
            if key not in made:
                statements.append(ddl.create(table))
            elif lacking := [c for c in table.columns if c.name not in made[key]]:
                statements.append(ddl.add_columns(table, lacking))
        if statements:
            with _explained("making the raw and ops tables"):
                self._run(";\n".join(statements))
            self._let_learners_read()
        self.commit()

    def _let_learners_read(self) -> None:
        """Readers see raw tables and books; where the roles are not there, nobody to let in."""
        [(learner,)] = self.rows(
            "select exists (select 1 from pg_roles where rolname = 'learner')"
            " and current_user <> 'learner'"
        )
        if learner:
            books = ", ".join(f"ops.{name}" for name in ddl.OPS_TABLES)
            schemas = ", ".join(ddl.quoted(f"raw_{source}") for source in contracts.SOURCES)
            self.execute(
                f"grant usage on schema ops, {schemas} to learner;"
                f" grant select on {books} to learner;"
                f" grant select on all tables in schema {schemas} to learner"
            )


class _Slices:
    """Record batches of at most SLICE_ROWS rows; keeps the failure of their maker.

    ADBC pulls them from C, where a Python exception would be reduced to its text.
    """

    def __init__(self, batches: Iterable[pa.RecordBatch]) -> None:
        self.batches = batches
        self.failure: BaseException | None = None

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        try:
            for batch in self.batches:
                for start in range(0, len(batch), SLICE_ROWS):
                    yield batch.slice(start, SLICE_ROWS)
        except BaseException as failure:
            self.failure = failure
            raise


def with_jsonb(rows: pa.Table, names: Collection[str]) -> pa.Table:
    """The rows with the texts of some columns in the binary form of jsonb."""
    for name in names:
        index = rows.schema.get_field_index(name)
        values = pc.binary_join_element_wise(JSONB_VERSION, rows.column(index), "")
        rows = rows.set_column(index, rows.schema.field(index), values)
    return rows


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
    columns = {
        "as_of": pa.array([as_of], pa.timestamp("us", "UTC")),
        "world_id": [manifest.world_id],
        "seed": pa.array([manifest.seed], pa.int64()),
        "scale": [manifest.scale],
        "started_at": pa.array([manifest.start], pa.timestamp("us", "UTC")),
    }
    clock = pa.table(columns)
    store.append("ops", "clock", clock.schema, clock.to_batches())


def add_columns(store: Store, table: Table, columns: Iterable[Column]) -> None:
    """Widen a raw table for columns no contract describes."""
    store.execute(ddl.add_columns(table, columns))


def analyze(store: Store, tables: Iterable[Table]) -> None:
    """Tell the planner about tables that have grown a lot: their size, and what they are joined by.

    PostgreSQL itself looks at the other columns within a minute: an ANALYZE of some columns does
    not put that off. The sample is small: it tells row counts and keys apart all the same.
    """
    parts = [f"{ddl.relation(table)} ({', '.join(_joined_by(table))})" for table in tables]
    if parts:
        store.execute(f"set local default_statistics_target = 10; analyze {', '.join(parts)}")
        store.commit()


def _joined_by(table: Table) -> list[str]:
    names = [c.name for c in table.columns if c.name in table.key or c.name.endswith("_id")]
    return [ddl.quoted(name) for name in [*names, contracts.ARRIVED_AT]]


@contextmanager
def _explained(doing: str) -> Iterator[None]:
    """Turn what the database says into what happened and what to do."""
    try:
        yield
    except adbc.Error as error:
        text = (str(error).strip() or type(error).__name__).splitlines()[0]
        undone = "The batch being loaded was undone as a whole; the batches before it stay."
        if error.sqlstate == DISK_FULL:
            raise TaproomError(
                f"The disk is full. {undone}",
                where=f"{doing}\n{text}",
                remedy="free some space (./taproom doctor says how much is needed), "
                "then ./taproom ingest",
            ) from error
        if isinstance(error, adbc.OperationalError):
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
