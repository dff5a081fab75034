"""What the notebooks stand on: PostgreSQL, a world, the tables built from it, and Superset.

Each function takes `say`, which is called with anything printable, and returns what the step
did in a few words. `python -m taproom.instructor.ground SCALE SEED` does it all, for the tests.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from taproom import settings
from taproom.errors import TaproomError

Say = Callable[..., None]


def ensure_postgres(say: Say) -> str:
    """PostgreSQL of this home is up."""
    from taproom.services import postgres

    say("starting")
    status = postgres.start()
    return f"port {status['port']}"


def another_world(scale: str, seed: int) -> str | None:
    """The id of the world that is here, when it is not of this scale and seed and must go."""
    from taproom import world

    try:
        here = world.status(settings.data())
    except TaproomError:
        return None
    return None if (here["scale"], here["seed"]) == (scale, seed) else here["world_id"]


def world_stands() -> bool:
    """Whether a world, of whatever kind, is here."""
    return (settings.data() / "landing" / "_manifest.json").exists()


def ensure_world(scale: str, seed: int, say: Say) -> str:
    """The world of this scale and seed is there, at the clock the course begins with."""
    from taproom import warehouse

    warehouse.course_world(scale=scale, seed=seed, progress=say)
    facts = world_facts()
    return f"{facts['rows']:,} rows delivered in {facts['batches']} batches"


def ensure_tables(say: Say) -> str:
    """Everything landed is loaded and built, and saved for `./taproom reset`."""
    from taproom import warehouse

    done = warehouse.course_tables(progress=say)
    return "all built anew" if done["built"] else "as they were"


def ensure_dashboards(say: Say) -> str:
    """Superset of this home is up: the course's dashboards on today's tables, roles, guests."""
    from taproom import dashboards
    from taproom.services import superset
    from taproom.services.superset import access

    say("starting; the first time its environment is made, which takes minutes")
    superset.start()
    superset.forget_results()
    say("bringing the dashboards")
    done = dashboards.import_assets()
    say("giving roles what they may see")
    with superset.client() as admin:
        access.apply(admin)
    return f"{len(done['made'])} files new, {len(done['changed'])} changed"


def world_facts() -> dict:
    """Id, seed, scale, clock and size of the world, as `./taproom world status` tells them."""
    from taproom import world

    facts = world.status(settings.data())
    return {key: value for key, value in facts.items() if isinstance(value, int | str)}


def line(*parts: object) -> str:
    """What `say` was called with, as one line."""
    return " ".join(str(part) for part in parts if part is not None)


def main(scale: str, seed: int) -> None:
    """All of it, one line a step."""
    for title, step in (
        ("PostgreSQL", ensure_postgres),
        ("world", lambda say: ensure_world(scale, seed, say)),
        ("tables", ensure_tables),
        ("dashboards", ensure_dashboards),
    ):
        print(f"{title}: {step(lambda *parts: print('  ', line(*parts), flush=True))}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
