"""Making many batches at once, and going on with it after a break.

What is done is noted task by task in a folder beside the recipe; files have their names only
when they are whole, and count only once the manifest lists them.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import pyarrow as pa

from taproom.errors import TaproomError
from taproom.world import clock
from taproom.world.facts import Facts
from taproom.world.making import scale, workers
from taproom.world.making.crew import Crew
from taproom.world.making.landing import Batch
from taproom.world.making.progress import Progress
from taproom.world.making.simulate import ACCOUNTS_FOR_SHARDS, canonical, monthly, split
from taproom.world.making.tasks import Recipe, ShardFacts, Task, tasks
from taproom.world.render import renderers
from taproom.world.state.engine import Engine


def disk_for(root: Path, recipe: Recipe) -> None:
    """Raise TaproomError where the disk has less room than a new world needs."""
    needed = scale.size(recipe.paying, renderers(recipe.sources))
    free = shutil.disk_usage(root).free
    if free < needed:
        raise TaproomError(
            f"A world of this size takes about {needed / 1e9:.1f} GB of disk while it is made; "
            f"{free / 1e9:.1f} GB are free",
            str(root),
            "free some space, choose a smaller --scale, or set TAPROOM_HOME to another disk",
        )


def render(
    place: Path,
    recipe: Recipe,
    facts: Facts,
    batches: list[Batch],
    folder: Path,
    wanted: int | None,
    progress: Progress,
) -> list[list[dict]]:
    """Write every table of every batch below `place`; manifest entries by batch.

    Workers are used when there is enough to do; `folder` is where they find the facts, deleted
    in the end.
    """
    todo = tasks(recipe, batches)
    n = workers.count(sum(t.rows for t in todo), wanted)
    crew = Crew(place, recipe, batches, todo, progress)
    try:
        if n == 1:
            crew.here(ShardFacts.of(facts, recipe))
        else:
            with workers.Pool(n, folder) as pool:
                split(facts, recipe, folder / "facts")
                crew.over(pool, folder / "facts")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return crew.files()


class Making:
    """A new world in the making: its recipe, and what of it is done."""

    def __init__(self, folder: Path, recipe: Recipe):
        self._folder, self._recipe = folder, recipe
        self._done = folder / "done"

    def goes_on(self) -> bool:
        """Whether a broken-off making of the very same world stands here."""
        try:
            return json.loads((self._folder / "recipe.json").read_text()) == self._identity()
        except (OSError, ValueError):
            return False

    def begin(self) -> None:
        self._done.mkdir(parents=True, exist_ok=True)
        _write(self._folder / "recipe.json", self._identity())

    def end(self) -> None:
        """The manifest is written: nothing of this is needed any more."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def make(
        self, place: Path, batches: list[Batch], checkpoint: Path, wanted: int | None,
        progress: Progress,
    ) -> list[list[dict]]:  # fmt: skip
        """Simulate and render what is not done yet; manifest entries by batch.

        Leaves the engine's state at clock.END as checkpoint.
        """
        r, facts = self._recipe, self._folder / "facts"
        everything = tasks(r, batches)
        done = self._kept(place, {t.name for t in everything})
        todo = [t for t in everything if t.name not in done]
        n = workers.count(sum(t.rows for t in todo), wanted)
        crew = Crew(place, r, batches, todo, progress, done, self._note)
        if n == 1:
            crew.here(ShardFacts.of(self._simulated(checkpoint, progress), r))
            return crew.files()
        with workers.Pool(n, self._folder) as pool:
            if checkpoint.exists():
                split(self._simulated(checkpoint, progress), r, facts)
                crew.over(pool, facts)
            elif r.paying < ACCOUNTS_FOR_SHARDS:
                stops = _stops(todo, batches)
                job = {
                    "kind": "simulate", "name": "the simulation", "recipe": asdict(r),
                    "stops": stops, "facts": str(facts), "out": str(checkpoint),
                }  # fmt: skip
                crew.along(pool, job, lambda at: facts / f"{at // clock.DAY}")
            else:
                split(self._in_shards(pool, n, checkpoint, progress), r, facts)
                crew.over(pool, facts)
        return crew.files()

    def _simulated(self, checkpoint: Path, progress: Progress) -> Facts:
        """Facts until clock.END in canonical order, by this process alone."""
        r = self._recipe
        if checkpoint.exists():
            return Engine.load(checkpoint, r.seed, r.paying, latent=True).facts
        engine = Engine(r.seed, r.paying, latent=True)
        engine.run(clock.END, monthly(progress))
        engine.facts = canonical(engine.facts)
        engine.save(checkpoint)
        return engine.facts

    def _in_shards(self, pool, n: int, checkpoint: Path, progress: Progress) -> Facts:
        """The same by n workers, each a part of the accounts."""
        r = self._recipe
        progress("simulate", "in", n, "shards")
        outs = [self._folder / f"engine-{k}.npz" for k in range(n)]
        pool.add(
            {"kind": "simulate shard", "name": f"shard {k} of the accounts", "recipe": asdict(r),
             "shard": (k, n), "until": clock.END, "out": str(out)}
            for k, out in enumerate(outs)
        )  # fmt: skip
        for job, said in pool.answers():
            if "done" in said:
                progress("simulate", job["name"], "done")
        engine = Engine.joined(outs, r.seed, r.paying)
        for out in outs:
            out.unlink()
        engine.facts = canonical(engine.facts)
        engine.save(checkpoint)
        return engine.facts

    def _identity(self) -> dict:
        return json.loads(json.dumps({"recipe": asdict(self._recipe), "code": _code()}))

    def _note(self, name: str, entries: list) -> None:
        _write(self._done / f"{name}.json", entries)

    def _kept(self, place: Path, names: set[str]) -> dict[str, list]:
        """What earlier runs have finished and whose files are all there."""
        kept = {}
        for path in self._done.glob("*.json"):
            try:
                entries = json.loads(path.read_text())
                whole = all((place / e["path"]).stat().st_size == e["bytes"] for _, e in entries)
            except (OSError, ValueError):
                continue
            if whole and path.stem in names:
                kept[path.stem] = entries
        return kept


def _stops(todo: list[Task], batches: list[Batch]) -> list[int]:
    """Days at which the simulation hands out its facts, so that rendering can begin: before the
    first (for tables that need none), twice on the way, and at the end."""
    ends = sorted({batches[t.last - 1].hi // clock.DAY for t in todo} - {clock.END})
    return [clock.FOUNDED, *ends[len(ends) // 3 :: max(len(ends) // 2, 1)][:2], clock.END]


def _write(path: Path, what) -> None:
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(what))
    temporary.replace(path)


@cache
def _code() -> str:
    """Changes with the simulator, the contracts and the libraries that write: parts made by
    different ones must not meet in one world."""
    h = hashlib.sha256(f"{np.__version__} {pa.__version__}".encode())
    for package in ("taproom.world", "taproom.contracts"):
        for path in sorted(Path(str(files(package))).rglob("*")):
            if path.suffix in (".py", ".yml"):
                h.update(path.read_bytes())
    return h.hexdigest()
