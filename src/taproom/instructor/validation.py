"""A pytest plugin: gives nbval's notebooks a small course of their own to run against.

The course (PostgreSQL, world, ingest, dbt build with its tests) is made once, before the first
notebook cell, in a home that is removed at the end. Other tests never see that home.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from taproom.services.superset.place import environment as superset_environment

SUPERSET_ENV = str(superset_environment())
# Stored outputs are of this world.
SET_UP = [sys.executable, "-m", "taproom.instructor.ground", "small", "42"]


class Course:
    """The home of the validated course; `problem` is set when it could not be made."""

    def __init__(self, place: Path) -> None:
        self.home = place / "course"
        self.made = False
        self.problem: str | None = None
        self._outside: dict[str, str] | None = None

    def environment(self) -> dict[str, str]:
        """The variables of a process that lives in this home; no other database is named."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("TAPROOM_")}
        return kept | {
            "TAPROOM_HOME": str(self.home),
            "TAPROOM_PROGRESS": "off",
            # Superset's environment is large: that of the home outside will do.
            "TAPROOM_SUPERSET_ENV": SUPERSET_ENV,
        }

    def enter(self) -> None:
        """Let this process live in the course's home: kernels it starts inherit it."""
        self._outside = dict(os.environ)
        swap(self.environment())

    def leave(self) -> None:
        """Back to the home of the other tests."""
        if self._outside is not None:
            swap(self._outside)
            self._outside = None

    def make(self) -> None:
        """Build the course once; later calls return at once."""
        if self.made:
            return
        self.made = True
        self.home.mkdir(parents=True, exist_ok=True)
        log = self.home / "set-up.log"
        with log.open("w") as out:
            done = subprocess.run(SET_UP, env=self.environment(), stdout=out, stderr=out)
        if done.returncode:
            said = log.read_text(errors="replace").splitlines()
            self.problem = "\n".join(["the course could not be set up:", *said[-60:]])

    def end(self) -> None:
        """Stop its services and remove it."""
        if not self.made:
            return
        stop = "from taproom import services; services.down()"
        subprocess.run([sys.executable, "-c", stop], env=self.environment())
        shutil.rmtree(self.home, ignore_errors=True)


def pytest_configure(config: pytest.Config) -> None:
    place = os.environ.get("TAPROOM_TESTS")
    if not place:
        raise pytest.UsageError("this plugin belongs to ./taproom test")
    config.stash[COURSE] = Course(Path(place))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests first, then notebooks by number: cells keep their order, as sorting is stable."""
    items.sort(key=lambda item: (is_cell(item), item.path.name if is_cell(item) else ""))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before a notebook's kernel starts: the course is there and the kernel will look at it."""
    if not is_cell(item):
        return
    course = item.config.stash[COURSE]
    course.make()
    course.enter()
    if course.problem:
        said, course.problem = course.problem, "the course could not be set up, see above"
        pytest.fail(said, pytrace=False)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Fixtures of the session that end with this item end in the home they began in."""
    if is_cell(item):
        item.config.stash[COURSE].leave()


def pytest_unconfigure(config: pytest.Config) -> None:
    course = config.stash.get(COURSE, None)
    if course:
        course.end()


def is_cell(item: pytest.Item) -> bool:
    """Is the item a notebook cell under nbval?"""
    return item.path.suffix == ".ipynb"


def swap(variables: dict[str, str]) -> None:
    """Make `variables` the whole environment."""
    os.environ.clear()
    os.environ.update(variables)


COURSE = pytest.StashKey[Course]()
