"""Sandboxes: a tiny world with its own folder, clock and database, owned by the learner."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from taproom import contracts, settings
from taproom.errors import TaproomError
from taproom.services import postgres
from taproom.services.postgres import access
from taproom.warehouse import runner, ticks
from taproom.warehouse.course import check_disk

SEED = 42
# The other systems' raw tables are there, empty, and so are the tables built from them: a sandbox
# is for breaking things, and is to be whole again in seconds.
SOURCES = ("app", "stripe", "finance")


@dataclass(frozen=True)
class Kind:
    """A tiny world that sandboxes are copied from: its folder, its sealed database, its making."""

    folder: str = "_template"
    database: str = settings.TEMPLATE
    sources: tuple[str, ...] = SOURCES
    seed: int = SEED
    mess: str = "default"


LEARNERS = Kind()


def whole(seed: int = SEED, mess: str = "default") -> Kind:
    """With every source: for tests of all tables. Its template takes a minute or two to make."""
    name = f"whole_{seed}_{mess}"
    return Kind(f"_{name}", f"{settings.TEMPLATE}_{name}", contracts.SOURCES, seed, mess)


@dataclass(frozen=True)
class Sandbox:
    """A tiny world of one's own: `root` is its folder, `database` its database."""

    name: str
    root: Path
    database: str

    def url(self, role: str = settings.LEARNER) -> str:
        """postgresql:// address for the learner, who owns everything in it."""
        return postgres.url(role, self.database)

    def environment(self) -> dict[str, str]:
        """Environment variables for calling dbt by hand on this sandbox."""
        return runner.environment(self.database, settings.LEARNER)

    def build(self, args: list[str] | None = None, *, full_refresh: bool = False, progress=None):
        """Run dbt here; see taproom.warehouse.build."""
        return runner.build(
            args,
            full_refresh=full_refresh,
            database=self.database,
            role=settings.LEARNER,
            progress=progress,
        )

    def tick(self, days: int = 0, hours: int = 0, progress=None) -> dict:
        """Move this world's clock on, load and build; see taproom.warehouse.tick."""
        return ticks.tick(
            days,
            hours,
            progress,
            root=self.root,
            database=self.database,
            role=settings.LEARNER,
        )


def sandbox(name: str, progress: runner.Progress | None = None) -> Sandbox:
    """The sandbox of this name, made when there is none. The first ever takes a minute."""
    found = _sandbox(name)
    if found.root.exists() and postgres.database_exists(found.database):
        return found
    return sandbox_reset(name, progress)


def sandbox_reset(
    name: str, progress: runner.Progress | None = None, kind: Kind = LEARNERS
) -> Sandbox:
    """Folder, clock and database of a sandbox made anew; returns it."""
    say, found = progress or (lambda *_parts: None), _sandbox(name)
    template = _template(kind, say)
    check_disk(kind.database)
    say("copying the template")
    shutil.rmtree(found.root, ignore_errors=True)
    postgres.clone_database(found.database, kind.database, settings.LEARNER)
    shutil.copytree(template, found.root)
    return found


def sandbox_drop(name: str) -> None:
    """Remove a sandbox; nothing happens when there is none."""
    found = _sandbox(name)
    postgres.drop_database(found.database)
    shutil.rmtree(found.root, ignore_errors=True)
    shutil.rmtree(settings.home() / "dbt" / found.database, ignore_errors=True)


def _sandbox(name: str) -> Sandbox:
    if not name.isidentifier() or name != name.lower() or name.startswith("_"):
        raise TaproomError(
            f"{name!r} cannot be the name of a sandbox.",
            remedy="use lower-case letters, digits and underscores, a letter first",
        )
    return Sandbox(name, settings.sandboxes() / name, settings.sandbox_database(name))


def _template(kind: Kind, say: runner.Progress) -> Path:
    """The folder of the tiny world all sandboxes are copied from, with its sealed database.

    Made anew when a model has changed since.
    """
    from taproom import answers, ingest, world

    root = settings.sandboxes() / kind.folder
    done = root / "built.json"
    models = runner.fingerprint()
    current = done.exists() and json.loads(done.read_text()).get("models") == models
    if current and postgres.database_exists(kind.database):
        return root
    say("making the tiny world of the sandboxes")
    shutil.rmtree(root, ignore_errors=True)
    postgres.drop_database(kind.database)
    status = world.init(root, scale="tiny", seed=kind.seed, mess=kind.mess, sources=kind.sources)
    postgres.create_database(kind.database, settings.OWNER)
    access.make_schemas(postgres.url(postgres.SUPERUSER, kind.database))
    dsn = postgres.url(settings.OWNER, kind.database)
    ingest.run(root, dsn)
    answers.write(root, dsn)
    runner.must_build(
        ["run"],
        "dbt could not build the sandboxes' template.",
        full_refresh=True,
        database=kind.database,
        progress=say,
    )
    postgres.seal_database(kind.database)
    done.write_text(json.dumps({**status, "models": models}, default=str))
    return root
