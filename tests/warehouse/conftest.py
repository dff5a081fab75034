"""One tiny world loaded and built for all tests of this folder; each test copies it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from taproom import warehouse
from taproom.services import postgres
from taproom.warehouse import sandboxes


@pytest.fixture
def tiny(cluster: dict) -> Iterator[Callable[[str], warehouse.Sandbox]]:
    """Makes sandboxes, dropped when the test ends."""
    made: list[str] = []

    def make(name: str, kind: sandboxes.Kind = sandboxes.LEARNERS) -> warehouse.Sandbox:
        made.append(name)
        return warehouse.sandbox_reset(name, kind=kind)

    yield make
    for name in made:
        warehouse.sandbox_drop(name)


@pytest.fixture(scope="session")
def built(cluster: dict) -> Iterator[warehouse.Sandbox]:
    """A sandbox with every source that tests only read."""
    yield warehouse.sandbox_reset("read_only", kind=sandboxes.whole())
    warehouse.sandbox_drop("read_only")


@pytest.fixture
def ask(built: warehouse.Sandbox) -> Callable[[str], list[tuple]]:
    """Rows of a query on that sandbox."""

    def query(sql: str) -> list[tuple]:
        with postgres.connect("learner", built.database) as connection:
            return connection.execute(sql).fetchall()

    return query
