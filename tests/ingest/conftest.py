"""A landing folder and a database of its own for every test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from landing_files import Landing

from taproom import settings
from taproom.services import postgres

DATABASE = "ingest_test"


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(tmp_path / "world")


@pytest.fixture
def dsn(cluster: dict) -> Iterator[str]:
    """An empty database, as taproom_owner."""
    postgres.create_database(DATABASE)
    yield postgres.url(settings.OWNER, DATABASE)
    postgres.drop_database(DATABASE)


@pytest.fixture
def query(dsn: str):
    """query(sql) -> rows, each call in a session of its own."""

    def run(statement: str, parameters: list | None = None) -> list[tuple]:
        with psycopg.connect(dsn) as connection:
            connection.execute("set time zone 'UTC'")
            return connection.execute(statement, parameters).fetchall()

    return run
