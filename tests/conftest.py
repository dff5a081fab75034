"""What every test shares: a home of its own for the session, and one PostgreSQL in it.

No test touches the home, the data or the database of whoever works in this repository.
"""

from __future__ import annotations

import gc
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from taproom import services, settings
from taproom.services import postgres, superset
from taproom.services.superset import place as superset_place

if sys.version_info < (3, 11, 8):
    # A garbage collection in the midst of parsing Python may let another thread parse, and CPython
    # mixes the two up (python/cpython#106905). Fewer collections, so it hardly ever happens here.
    gc.set_threshold(100_000, 50, 50)


# Superset's environment is 650 MB: tests use that of the home they were started from.
SUPERSET_ENV = superset_place.environment()


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((settings.HOST, 0))
        return probe.getsockname()[1]


def open_folder() -> Path:
    """A folder that every user may enter: pytest's own are private, and as root PostgreSQL runs
    as another user."""
    folder = Path(tempfile.mkdtemp(prefix="taproom-test-")).resolve()
    folder.chmod(0o755)
    return folder


def enter(patch: pytest.MonkeyPatch, home: Path) -> None:
    """Make `home` the home, with a small server on a port of its own."""
    patch.setenv("TAPROOM_HOME", str(home))
    patch.setenv("TAPROOM_PG_PORT", str(free_port()))
    patch.setenv("TAPROOM_PG_SHARED_BUFFERS", "64MB")
    patch.setenv("TAPROOM_SUPERSET_ENV", str(SUPERSET_ENV))
    for service in ("SUPERSET", "VALKEY", "MAIL"):
        patch.setenv(f"TAPROOM_{service}_PORT", str(free_port()))
    for name in ("HOST", "DATABASE", "USER", "PASSWORD"):
        patch.delenv(f"TAPROOM_PG_{name}", raising=False)


@pytest.fixture(scope="session", autouse=True)
def home() -> Iterator[Path]:
    """The Taproom home of this test session (TAPROOM_HOME), removed at the end."""
    folder = open_folder()
    with pytest.MonkeyPatch.context() as patch:
        enter(patch, folder)
        yield folder
        services.down()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def cluster(home: Path) -> dict:
    """The running PostgreSQL of the session: its status. Tests leave no objects behind."""
    return postgres.start()


@pytest.fixture(scope="session")
def superset_up(cluster: dict) -> dict:
    """A running Superset on the session's PostgreSQL, with its administrator: its status."""
    return superset.start()


@pytest.fixture(scope="session")
def owner_dsn(cluster: dict) -> str:
    """The course's database as taproom_owner."""
    return postgres.url(settings.OWNER)


@pytest.fixture(scope="session")
def learner_dsn(cluster: dict) -> str:
    """The course's database as learner."""
    return postgres.url(settings.LEARNER)


@pytest.fixture
def new_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Path]]:
    """Makes further homes and enters the last one made; their services are stopped at the end."""
    made: list[Path] = []

    def make(folder: Path | None = None) -> Path:
        made.append(folder or open_folder())
        enter(monkeypatch, made[-1])
        return made[-1]

    yield make
    for folder in made:
        monkeypatch.setenv("TAPROOM_HOME", str(folder))
        services.down()
        shutil.rmtree(postgres.place.root_folder())
        shutil.rmtree(folder)
