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
from pathlib import Path

import numpy as np
import pyarrow as pa

from .. import contracts
from ..errors import TaproomError
from . import clock, scale, workers
from .engine import Engine
from .facts import Facts
from .landing import Batch
from .progress import Meter, Progress
from .render import renderers
from .simulate import ACCOUNTS_FOR_SHARDS, canonical, monthly, split
from .tasks import Recipe, ShardFacts, Task, perform, tasks


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
    done: dict[str, list] = {}
    try:
        if n == 1:
            _here(place, recipe, ShardFacts.of(facts, recipe), batches, todo, done, progress)
        else:
            with workers.Pool(n, folder) as pool:
                split(facts, recipe, folder / "facts")
                _there(pool, place, recipe, folder / "facts", batches, todo, done, progress)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return _by_batch(done, batches, recipe)


def _here(place, recipe, facts, batches, todo, done, progress, note=None) -> None:
    """Do tasks in this process."""
    meter = Meter(progress, sum(t.rows for t in todo), len(todo))
    for task in todo:
        what = f"{task.source}.{task.table}"
        done[task.name] = perform(
            place, recipe, facts, batches, task, lambda rows, what=what: meter.add(rows, what)
        )
        if note:
            note(task.name, done[task.name])
        meter.finish(task.rows, what)


def _there(pool, place, recipe, facts, batches, todo, done, progress, note=None) -> None:
    """Have tasks done by workers."""
    meter = Meter(progress, sum(t.rows for t in todo), len(todo))
    shared = {
        "kind": "render",
        "landing": str(place),
        "facts": str(facts),
        "recipe": asdict(recipe),
        "batches": [(b.id, b.lo, b.hi) for b in batches],
    }
    jobs = [{**shared, "name": t.name, "task": t.as_json()} for t in todo]
    for job, said in pool.run(jobs):
        task = Task(**job["task"])
        what = f"{task.source}.{task.table}"
        if isinstance(said, dict):
            meter.add(said["rows"], what)
            continue
        done[task.name] = said
        if note:
            note(task.name, said)
        meter.finish(task.rows, what)


def _by_batch(done: dict[str, list], batches: list[Batch], recipe: Recipe) -> list[list[dict]]:
    """Entries of all tasks by batch, tables in their usual order."""
    place = {key: i for i, key in enumerate(renderers(recipe.sources))}
    files: list[list[dict]] = [[] for _ in batches]
    for entries in done.values():
        for i, entry in entries:
            files[i].append(entry)
    for listed in files:
        listed.sort(key=lambda f: place[f["source"], f["table"]])
    return files


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
        """Simulate and render what is not done yet; manifest entries by batch."""
        everything = tasks(self._recipe, batches)
        done = self._kept(place, {t.name for t in everything})
        todo = [t for t in everything if t.name not in done]
        n = workers.count(sum(t.rows for t in todo), wanted)
        facts = self._folder / "facts"
        if n == 1:
            whole = self._simulate(checkpoint, None, 1, progress)
            shards = ShardFacts.of(whole, self._recipe)
            _here(place, self._recipe, shards, batches, todo, done, progress, self._note)
        else:
            with workers.Pool(n, self._folder) as pool:
                if not (facts / "whole").exists():
                    split(self._simulate(checkpoint, pool, n, progress), self._recipe, facts)
                    (facts / "whole").touch()
                _there(pool, place, self._recipe, facts, batches, todo, done, progress, self._note)
        return _by_batch(done, batches, self._recipe)

    def _simulate(self, checkpoint: Path, pool, n: int, progress: Progress) -> Facts:
        """Facts until clock.END in canonical order; leaves the engine's state as checkpoint."""
        r = self._recipe
        if checkpoint.exists():
            return Engine.load(checkpoint, r.seed, r.paying, latent=True).facts
        if pool is None or r.paying < ACCOUNTS_FOR_SHARDS:
            engine = Engine(r.seed, r.paying, latent=True)
            engine.run(clock.END, monthly(progress))
        else:
            progress("simulate", "in", n, "shards")
            outs = [self._folder / f"engine-{k}.npz" for k in range(n)]
            jobs = [
                {"kind": "simulate", "name": f"shard {k} of the accounts", "recipe": asdict(r),
                 "shard": (k, n), "until": clock.END, "out": str(out)}
                for k, out in enumerate(outs)
            ]  # fmt: skip
            for job, _ in pool.run(jobs):
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


def _write(path: Path, what) -> None:
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(what))
    temporary.replace(path)


@cache
def _code() -> str:
    """Changes with the simulator, the contracts and the libraries that write: parts made by
    different ones must not meet in one world."""
    h = hashlib.sha256(f"{np.__version__} {pa.__version__}".encode())
    for folder in (Path(__file__).parent, Path(contracts.__file__).parent):
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".py", ".yml"):
                h.update(path.read_bytes())
    return h.hexdigest()
