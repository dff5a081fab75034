"""Who may read what was loaded: learners the raw tables and the books, everybody the date."""

from __future__ import annotations

import psycopg
import pytest

from taproom import ingest, settings
from taproom.services import postgres
from taproom.services.postgres import access


@pytest.fixture
def course(landing, owner_dsn):
    """The course's own database with one batch, emptied again at the end."""
    landing.month(1, {"stripe.customer": 3})
    ingest.run(landing.root, owner_dsn)
    yield
    with psycopg.connect(owner_dsn) as connection:
        for schema in ("ops", *access.RAW_SCHEMAS):
            for (table,) in connection.execute(
                "select tablename from pg_tables where schemaname = %s", [schema]
            ).fetchall():
                connection.execute(f'drop table "{schema}"."{table}" cascade')
        connection.execute("drop function if exists public.as_of_date()")


def test_a_learner_reads_and_does_not_write(course, learner_dsn):
    with psycopg.connect(learner_dsn, autocommit=True) as learner:
        for table in ("raw_stripe.customer", "ops.batch", "ops.quarantine", "ops.schema_drift"):
            learner.execute(f"select * from {table}")
        assert learner.execute("select as_of_date()::text").fetchone() == ("2024-01-31",)
        for statement in (
            "delete from raw_stripe.customer",
            "update ops.clock set as_of = now()",
            "create table raw_stripe.mine (id int)",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                learner.execute(statement)


def test_the_dashboards_role_knows_the_date_and_no_raw_row(course):
    with psycopg.connect(postgres.url(settings.SUPERSET), autocommit=True) as superset:
        assert superset.execute("select as_of_date()::text").fetchone() == ("2024-01-31",)
        for table in ("raw_stripe.customer", "ops.clock"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                superset.execute(f"select * from {table}")
