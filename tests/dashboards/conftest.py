"""One Superset for all tests of this folder, its dashboards on a tiny company with every source."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from psycopg import sql

from taproom import settings, warehouse
from taproom.dashboards import exchange, files
from taproom.services import postgres, superset
from taproom.services.postgres import access
from taproom.warehouse import sandboxes


@pytest.fixture(scope="session")
def assets() -> files.Assets:
    """What is in superset/assets, by path."""
    return files.read(files.folder())


@pytest.fixture(scope="session")
def company(superset_up: dict) -> Iterator[warehouse.Sandbox]:
    """A tiny company with every source, which Superset's role may read as it reads the course's."""
    sandbox = warehouse.sandbox_reset("dashboards", kind=sandboxes.whole())
    reader = sql.Identifier(settings.SUPERSET)
    with postgres.connect(settings.LEARNER, sandbox.database) as connection:
        connection.execute(
            sql.SQL("grant connect on database {} to {}").format(
                sql.Identifier(sandbox.database), reader
            )
        )
        for schema in map(sql.Identifier, access.SUPERSET_SCHEMAS):
            for right in ("usage on schema {}", "select on all tables in schema {}"):
                statement = sql.SQL("grant " + right + " to {}")
                connection.execute(statement.format(schema, reader))
    yield sandbox
    warehouse.sandbox_drop("dashboards")


@pytest.fixture(scope="module")
def dashboards(company: warehouse.Sandbox, assets: files.Assets) -> Iterator[superset.Client]:
    """The administrator's session; the assets are imported and read that company."""
    address = postgres.url(settings.SUPERSET, company.database).rpartition("@")[2]
    with superset.client() as client:
        exchange.load(client, assets, address)
        superset.forget_results()
        yield client


@pytest.fixture(scope="session")
def ask(company: warehouse.Sandbox) -> Callable[[str], list[tuple]]:
    """Rows of a query on that company."""

    def query(statement: str) -> list[tuple]:
        with postgres.connect(settings.LEARNER, company.database) as connection:
            return connection.execute(statement).fetchall()

    return query
