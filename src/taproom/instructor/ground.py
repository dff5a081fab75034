"""What the notebooks stand on: a running PostgreSQL, a world, and the tables built from it.

Each function takes `say`, which is called with anything printable, and returns what the step
did in a few words. `python -m taproom.instructor.ground SCALE SEED` does it all, for the tests.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from taproom import settings

Say = Callable[..., None]


def ensure_postgres(say: Say) -> str:
    """PostgreSQL of this home is up."""
    from taproom.services import postgres

    say("starting")
    status = postgres.start()
    return f"port {status['port']}"


def ensure_world(scale: str, seed: int, say: Say) -> str:
    """The world of this scale and seed is there, at the clock the course begins with."""
    from taproom import warehouse

    warehouse.course_world(scale=scale, seed=seed, progress=say)
    facts = world_facts()
    return f"{facts.get('accounts', '?')} accounts, until {facts.get('as_of')}"


def ensure_tables(say: Say) -> str:
    """Everything landed is loaded and built, and saved for `./taproom reset`."""
    from taproom import warehouse

    done = warehouse.course_tables(progress=say)
    return ", ".join(f"{name} {value}" for name, value in (done or {}).items())


def world_facts() -> dict:
    """Seed, scale, clock and size of the world, as `./taproom world status` tells them."""
    from taproom import world

    return {key: _plain(value) for key, value in world.status(settings.data()).items()}


def line(*parts: object) -> str:
    """What `say` was called with, as one line."""
    return " ".join(str(part) for part in parts if part is not None)


def _plain(value: object) -> object:
    return value if isinstance(value, int | float | str | None) else str(value)


def main(scale: str, seed: int) -> None:
    """All of it, one line a step."""
    for title, step in (
        ("PostgreSQL", ensure_postgres),
        ("world", lambda say: ensure_world(scale, seed, say)),
        ("tables", ensure_tables),
    ):
        print(f"{title}: {step(lambda *parts: print('  ', line(*parts), flush=True))}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
