"""A tiny company with all its sources, loaded and built; the tests only read it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from taproom import ingest, settings, warehouse, world
from taproom.answers import questions
from taproom.services import postgres
from taproom.services.postgres import access

DATABASE = settings.sandbox_database("examples")


@pytest.fixture(scope="session")
def company(cluster: dict, tmp_path_factory) -> Iterator[Path]:
    """The folder of the company whose tables are in the database."""
    root = tmp_path_factory.mktemp("examples")
    world.init(root, scale="tiny", seed=42)
    postgres.create_database(DATABASE, settings.OWNER)
    access.make_schemas(postgres.url(postgres.SUPERUSER, DATABASE))
    ingest.run(root, postgres.url(settings.OWNER, DATABASE))
    assert warehouse.build(["run"], database=DATABASE) == 0
    with postgres.connect(postgres.SUPERUSER, DATABASE) as connection:
        connection.execute(f"grant connect on database {DATABASE} to {settings.LEARNER}")
    yield root
    postgres.drop_database(DATABASE)


@pytest.fixture(scope="session")
def ask(company: Path) -> Callable[[str], list[dict]]:
    """Rows of a query as a learner sees them, by column."""

    def rows(sql: str) -> list[dict]:
        with postgres.connect(settings.LEARNER, DATABASE) as connection:
            cursor = connection.execute(sql)
            names = [column.name for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    return rows


@pytest.fixture(scope="session")
def reference(company: Path) -> Callable:
    """The reference answer of a question, from the same company's delivered files."""
    delivered = questions.delivered(company)
    return lambda question: questions.REFERENCES[question](delivered)
