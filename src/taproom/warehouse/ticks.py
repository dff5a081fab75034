"""The clock moves on: advance the world, load what landed, build what changed."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

import psycopg

from taproom import services, settings
from taproom.errors import TaproomError
from taproom.services import postgres
from taproom.warehouse import plan, runner

# When dbt has to build: writing every event to the log file costs a tenth of the time.
BY_DBT = ["run", "--log-level-file", "error", "--no-write-json"]


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
    _build(database, role, say)
    return {
        "batch": batch,
        "advance_seconds": round(advanced - clock, 2),
        "ingest_seconds": round(loaded - advanced, 2),
        "build_seconds": round(perf_counter() - loaded, 2),
    }


def _build(database: str | None, role: str, say: runner.Progress) -> None:
    project, what = runner.fingerprint(), "What changed could not be built."
    with postgres.connect(role, database) as connection:
        models = plan.read(connection, project)
        if models is not None:
            try:
                plan.run(connection, models, say)
            except psycopg.Error as error:
                raise TaproomError(
                    what,
                    where=f"{', '.join(error.__notes__)}: {error}",
                    remedy="./taproom build builds it by dbt and says more",
                ) from error
            services.tables_changed(database)
            return
    # the project's files changed since the plan was made, or there is none yet
    runner.must_build(BY_DBT, what, database=database, role=role, progress=say)
    with postgres.connect(role, database) as connection:
        plan.forget_others(connection, project)


def _silent(*_parts) -> None:
    pass
