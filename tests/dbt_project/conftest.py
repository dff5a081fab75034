"""The tiny world of the sandboxes, its built tables and its truth; tests only read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from taproom import settings, warehouse, world
from taproom.services import postgres


@pytest.fixture(scope="session")
def books(cluster: dict) -> Iterator[warehouse.Sandbox]:
    """A sandbox with every table built."""
    yield warehouse.sandbox_reset("billing_books")
    warehouse.sandbox_drop("billing_books")


@pytest.fixture(scope="session")
def rows(books: warehouse.Sandbox) -> Callable[[str], list[tuple]]:
    """Rows of a query on the built tables."""

    def query(sql: str) -> list[tuple]:
        with postgres.connect(settings.LEARNER, books.database) as connection:
            return connection.execute(sql).fetchall()

    return query


@pytest.fixture(scope="session")
def truth(books: warehouse.Sandbox, tmp_path_factory) -> Callable[[str], list[dict]]:
    """Rows of a truth table of the same world, made from the simulator's facts."""
    folder: Path = world.write_truth(books.root, tmp_path_factory.mktemp("truth"))

    def table(name: str) -> list[dict]:
        return pq.read_table(folder / f"truth_{name}.parquet").to_pylist()

    return table
