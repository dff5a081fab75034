"""The clock moves on: advance the world, load what landed, build what changed."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

from taproom import settings
from taproom.services import postgres
from taproom.warehouse import runner

# Staging is views on raw tables: they show new rows by themselves.
# Writing every event to the log file costs a tenth of the time: errors are enough.
TICK = [
    "run",
    *("--exclude", "path:models/staging"),
    *("--log-level-file", "error"),
    "--no-write-json",
]


def tick(
    days: int = 0,
    hours: int = 0,
    progress: runner.Progress | None = None,
    *,
    root: Path | None = None,
    database: str | None = None,
    role: str = settings.OWNER,
) -> dict:
    """Advance the world by days or hours, load and build; the course's world by default.

    Returns the batch and the seconds of each step. Raises TaproomError when dbt fails.
    """
    from taproom import ingest, world

    root = root or settings.data()
    say = progress or _silent
    clock = perf_counter()
    say("the world goes on")
    batch = world.advance(root, days=days, hours=hours)
    advanced = perf_counter()
    say("loading")
    ingest.run(root, postgres.url(role, database))
    loaded = perf_counter()
    runner.must_build(
        TICK, "dbt could not build what changed.", database=database, role=role, progress=say
    )
    return {
        "batch": batch,
        "advance_seconds": round(advanced - clock, 2),
        "ingest_seconds": round(loaded - advanced, 2),
        "build_seconds": round(perf_counter() - loaded, 2),
    }


def _silent(*_parts) -> None:
    pass
