"""The course's state: one world, loaded and built, and a sealed copy to go back to."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from taproom import services, settings
from taproom.errors import TaproomError
from taproom.services import postgres
from taproom.services.postgres import access
from taproom.warehouse import runner

SAVED = "taproom_course"  # the sealed database that reset copies


def course(
    scale: str = "small",
    seed: int = 42,
    mess: str = "default",
    progress: runner.Progress | None = None,
) -> dict:
    """The whole state: world, then tables. Does nothing where it is so already."""
    return {
        **course_world(scale, seed, mess, progress),
        **course_tables(progress),
    }


def course_world(
    scale: str = "small",
    seed: int = 42,
    mess: str = "default",
    progress: runner.Progress | None = None,
) -> dict:
    """Make sure that the landing files are those of this world at the course's clock.

    Another world is replaced, and the database emptied with it; a world that went on is taken
    back. Returns world.status.
    """
    from taproom import world

    say, root = progress or _silent, settings.data()
    wanted = {"scale": scale, "seed": seed, "mess": mess}
    manifest = _manifest(root)
    if manifest and manifest["world_id"] == f"{scale}-{seed}-{mess}":
        if manifest["as_of"] != _stamp().get("as_of", manifest["as_of"]):
            say("taking the world back to the course's clock")
            world.rewind(root)
        return world.status(root)
    say("making the world")
    _empty_database()
    # a making of this very world that was broken off goes on where it was
    return world.init(root, **wanted, progress=progress, replace=True)


def course_tables(progress: runner.Progress | None = None) -> dict:
    """Load and build the landing files, and save the result for `reset`.

    Does nothing when the database is in that state; resets when only the clock moved.
    """
    from taproom import answers, ingest

    say, root = progress or _silent, settings.data()
    manifest, stamp = _manifest(root), _stamp()
    if manifest is None:
        raise TaproomError(
            "There is no world yet.", where=str(root), remedy="run ./taproom world init"
        )
    due = {
        "world_id": manifest["world_id"],
        "as_of": manifest["as_of"],
        "models": runner.fingerprint(),
    }
    if stamp == due and postgres.database_exists(SAVED):
        if _loaded() != (due["world_id"], due["as_of"]):
            _restore(say)
        return {"built": False}
    found = _loaded()
    if found and found[0] != manifest["world_id"]:
        _empty_database()
    dsn = postgres.url()
    ingest.run(root, dsn, progress=progress)
    answers.write(root, dsn)
    runner.must_build(
        # Tests judge the models and not a learner's company: ./taproom test and build run them.
        ["run"],
        "dbt could not build the tables.",
        full_refresh=True,
        progress=progress,
    )
    say("saving the state for reset")
    _save()
    _stamp_path().write_text(json.dumps(due))
    return {"built": True}


def reset(progress: runner.Progress | None = None) -> None:
    """Landing files and database back to the state the notebooks expect, in seconds.

    Raises TaproomError when that state was never saved, or there is too little disk.
    """
    from taproom import world

    say, stamp = progress or _silent, _stamp()
    if not stamp or not postgres.database_exists(SAVED):
        raise TaproomError(
            "There is no saved state to go back to yet.",
            where=SAVED,
            remedy="run ./taproom run, which makes one",
        )
    say("taking the world back to the course's clock")
    world.rewind(settings.data())
    _restore(say)


def check_disk(database: str) -> None:
    """Refuse to copy a database when less than twice its size is free."""
    with postgres.connect(postgres.SUPERUSER, "postgres") as connection:
        size = connection.execute("select pg_database_size(%s)", [database]).fetchone()[0]
    free = shutil.disk_usage(settings.home()).free
    if free < 2 * size:
        raise TaproomError(
            f"Copying {database} takes {size / 1e6:,.0f} MB and {free / 1e6:,.0f} MB are free; "
            "twice its size is wanted.",
            where=str(settings.home()),
            remedy="free some disk space; ./taproom doctor shows what is used",
        )


def _save() -> None:
    # A live database is never copied: it is renamed and sealed, and the copy becomes the live one.
    check_disk(settings.DATABASE)
    postgres.drop_database(SAVED)
    with postgres.connect(postgres.SUPERUSER, "postgres", autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s",
            [settings.DATABASE],
        )
        connection.execute(f"alter database {settings.DATABASE} rename to {SAVED}")
    postgres.seal_database(SAVED)
    postgres.clone_database(settings.DATABASE, SAVED, settings.OWNER)
    services.tables_changed()


def _restore(say: runner.Progress) -> None:
    say("copying the saved database")
    check_disk(SAVED)
    postgres.clone_database(settings.DATABASE, SAVED, settings.OWNER)


def _empty_database() -> None:
    postgres.drop_database(settings.DATABASE)
    postgres.create_database(settings.DATABASE, settings.OWNER)
    access.make_schemas(postgres.url(postgres.SUPERUSER, settings.DATABASE))


def _loaded() -> tuple[str, str] | None:
    """World and clock of the database, None when it holds none."""
    with postgres.connect() as connection:
        if connection.execute("select to_regclass('ops.clock')").fetchone()[0] is None:
            return None
        row = connection.execute(
            'select world_id, to_char(as_of, \'YYYY-MM-DD"T"HH24:MI:SS"Z"\') from ops.clock'
        ).fetchone()
    return tuple(row) if row else None


def _manifest(root: Path) -> dict | None:
    path = root / "landing" / "_manifest.json"
    return json.loads(path.read_text()) if path.exists() else None


def _stamp_path() -> Path:
    return settings.run_dir() / "course.json"


def _stamp() -> dict:
    return json.loads(_stamp_path().read_text()) if _stamp_path().exists() else {}


def _silent(*_parts) -> None:
    pass
