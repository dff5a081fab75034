"""Who may do what in the course's database."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from taproom import settings
from taproom.services import postgres
from taproom.services.postgres import access

EVERYWHERE = (*access.RAW_SCHEMAS, *settings.BUILT_SCHEMAS, "ops")
LEARNER_READS = (*access.RAW_SCHEMAS, *settings.BUILT_SCHEMAS)
SUPERSET_READS = ("entities", "marts")


@pytest.fixture(scope="module", autouse=True)
def later_tables(owner_dsn) -> Iterator[None]:
    """Tables made after the rights were given, as dbt and the ingest make them."""
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        for schema in EVERYWHERE:
            connection.execute(f"create table {schema}.later as select 1 as one")
            connection.execute(f"create view {schema}.later_view as select * from {schema}.later")
        connection.execute("create table ops.clock as select now() as as_of")
        yield
        connection.execute("drop table ops.clock")
        for schema in EVERYWHERE:
            connection.execute(f"drop table {schema}.later cascade")


def attempt(role: str, statement: str, database: str | None = None) -> list[tuple]:
    with postgres.connect(role, database) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def refused(role: str, statement: str, database: str | None = None) -> None:
    with pytest.raises(
        (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)
    ):
        attempt(role, statement, database)


@pytest.mark.parametrize("schema", LEARNER_READS)
@pytest.mark.parametrize("table", ["later", "later_view"])
def test_the_learner_reads_what_was_made_later(schema, table):
    assert attempt(settings.LEARNER, f"select one from {schema}.{table}") == [(1,)]


@pytest.mark.parametrize("schema", [*EVERYWHERE, "public"])
def test_the_learner_writes_nothing_of_the_course(schema):
    refused(settings.LEARNER, f"create table {schema}.mine (i int)")
    if schema != "public":
        refused(settings.LEARNER, f"insert into {schema}.later values (2)")
        refused(settings.LEARNER, f"drop table {schema}.later")


def test_the_learner_creates_in_the_own_schema_without_naming_it():
    with postgres.connect(settings.LEARNER) as connection:
        connection.execute("create table mine as select one from entities.later")
        assert connection.execute("select one from learner.mine").fetchone() == (1,)
        connection.execute("drop table mine")


def test_of_ops_the_learner_sees_the_load_records_only(owner_dsn):
    refused(settings.LEARNER, "select * from ops.clock")
    postgres.grant_access(owner_dsn)
    assert len(attempt(settings.LEARNER, "select as_of from ops.clock")) == 1
    refused(settings.LEARNER, "select * from ops.later")


@pytest.mark.parametrize(
    "statement",
    [
        "create schema mine",
        "create role mine",
        "create database mine",
        "set role taproom_owner",
        "copy (select 1) to program 'true'",
        "select pg_read_file('PG_VERSION')",
        "alter system set work_mem = '1MB'",
    ],
)
def test_the_learner_is_nobody_special(statement):
    with (
        pytest.raises(psycopg.Error) as caught,
        postgres.connect(settings.LEARNER, autocommit=True) as connection,
    ):
        connection.execute(statement)
    assert caught.value.sqlstate == "42501"


@pytest.mark.parametrize("schema", SUPERSET_READS)
def test_superset_reads_entities_and_marts(schema):
    assert attempt(settings.SUPERSET, f"select one from {schema}.later_view") == [(1,)]


@pytest.mark.parametrize("schema", sorted(set(EVERYWHERE) - set(SUPERSET_READS)))
def test_superset_reads_nothing_else(schema):
    refused(settings.SUPERSET, f"select * from {schema}.later")


@pytest.mark.parametrize(
    "statement",
    [
        "insert into entities.later values (2)",
        "create table public.mine (i int)",
        "create table entities.mine (i int)",
        "create temporary table mine (i int)",
        "create schema mine",
        "drop table marts.later",
        "set default_transaction_read_only = off; create temporary table mine (i int)",
        "set default_transaction_read_only = off; commit; insert into entities.later values (2)",
    ],
)
def test_superset_writes_nothing(statement):
    refused(settings.SUPERSET, statement)


@pytest.mark.parametrize("database", ["postgres", "template1", "other"])
@pytest.mark.parametrize("role", [settings.LEARNER, settings.SUPERSET])
def test_readers_enter_no_other_database(role, database):
    if database == "other":
        postgres.create_database("other")
    try:
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            postgres.connect(role, database)
    finally:
        if database == "other":
            postgres.drop_database("other")


def test_the_owner_creates_in_every_schema_of_the_course():
    with postgres.connect(settings.OWNER) as connection:
        connection.execute("create schema another")
        connection.execute("create function public.mine() returns int language sql return 1")
        connection.rollback()


def test_a_schema_made_anew_is_opened_by_grant_access(owner_dsn):
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        connection.execute("drop schema marts cascade; create schema marts")
        connection.execute("create table marts.later as select 1 as one")
        connection.execute("create view marts.later_view as select * from marts.later")
    postgres.grant_access(owner_dsn)
    for role in (settings.LEARNER, settings.SUPERSET):
        assert attempt(role, "select one from marts.later") == [(1,)]
