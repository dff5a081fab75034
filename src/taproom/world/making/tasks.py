"""The work of making batches, cut into tasks that any process can do in any order.

A task is one table over a run of batches; it renders shard after shard and writes each batch's
file whole. So a file is one process's work, its bytes depend on nothing but the recipe, and
memory holds a window's rows and no more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from taproom.contracts import tables as contract_tables
from taproom.world.facts import Facts
from taproom.world.making import landing, scale
from taproom.world.making.landing import Batch
from taproom.world.people.population import shard_of
from taproom.world.render import delivered_from, of_the_world, renderers
from taproom.world.window import Window

#: Rows of a task that may wait for their row groups to fill.
_WAITING = 1 << 20


@dataclass(frozen=True)
class Recipe:
    """What a world is made from; `shards`: of the accounts, rendered one after the other."""

    seed: int
    paying: int
    mess: str
    sources: tuple[str, ...]
    shards: int = 1


@dataclass(frozen=True)
class Task:
    """A table in the batches [first, last); `rows`: to expect."""

    source: str
    table: str
    first: int
    last: int
    rows: float

    @property
    def name(self) -> str:
        return f"{self.what}.{self.first:03}"

    @property
    def what(self) -> str:
        return f"{self.source}.{self.table}"


def tasks(recipe: Recipe, batches: list[Batch]) -> list[Task]:
    """Everything there is to render, in the order in which it is best begun.

    Tables of a source and span follow each other, for what their renderers share; a source with
    much to do comes first, so that no process is left with a long last task.
    """
    by_source: dict[str, list[Task]] = {}
    for source, table in renderers(recipe.sources):
        kept_from = delivered_from(source, table)
        since = max(kept_from, batches[0].lo)
        # Of the time over which a new world's rows arrive.
        share = (batches[-1].hi - since) / (landing.END - max(kept_from, landing.BEGIN))
        total = scale.rows(recipe.paying, source, table)
        live = [b.hi > since for b in batches]
        for first, last in scale.spans(recipe.paying, source, table, batches, since):
            expected = total * sum(live[first:last]) / max(sum(live), 1) * min(share, 1.0)
            if any(live[first:last]):
                by_source.setdefault(source, []).append(Task(source, table, first, last, expected))
    order = sorted(by_source, key=lambda s: -sum(t.rows for t in by_source[s]))
    return [t for s in order for t in sorted(by_source[s], key=lambda t: t.first)]


def dealt_out(facts: Facts, recipe: Recipe) -> list[Facts]:
    """The facts of each shard of the accounts, in their own order."""
    n = recipe.shards
    if n == 1:
        return [facts]
    tables = facts.tables()
    most = max((int(t["acct"].max()) for t in tables.values() if len(t)), default=0)
    of = (shard_of(recipe.seed, np.arange(most + 1)) % n).astype(np.uint8)
    parts: list[dict] = [{} for _ in range(n)]
    for kind, rows in tables.items():
        which = of[rows["acct"]]
        order = np.argsort(which, kind="stable")
        edges = np.searchsorted(which[order], np.arange(n + 1))
        for k in range(n):
            parts[k][kind] = rows[order[edges[k] : edges[k + 1]]]
    return [Facts(p) for p in parts]


class ShardFacts:
    """Facts by shard, each read once: whole and in memory, or mapped from a folder."""

    def __init__(self, whole: Facts | None = None, place: Path | None = None):
        self._place = place
        self._known: dict[int, Facts] = {} if whole is None else {0: whole}

    @classmethod
    def of(cls, whole: Facts, recipe: Recipe) -> ShardFacts:
        """The shards of facts that are in memory."""
        shards = cls(whole)
        if recipe.shards > 1:
            shards._known = dict(enumerate(dealt_out(whole, recipe)))
        return shards

    def __getitem__(self, k: int) -> Facts:
        if k not in self._known:
            self._known[k] = Facts.mapped(self._place / f"{k:03}")
        return self._known[k]


@lru_cache(maxsize=2)
def _window(recipe: Recipe, facts: Facts, k: int, lo: int, hi: int) -> Window:
    # Kept, for the tables of a source that follow each other share what the window derives.
    shard = (k, recipe.shards)
    return Window(recipe.seed, recipe.paying, recipe.mess, facts, lo, hi, shard)


def perform(
    place: Path,
    recipe: Recipe,
    facts: ShardFacts,
    batches: list[Batch],
    task: Task,
    tell: Callable[[int], None] = lambda rows: None,
    everything: bool = False,
) -> list[tuple[int, dict]]:
    """Render a task below the landing folder `place`: (batch, manifest entry) of each file.

    `tell` hears of rows as they are rendered; `everything` renders what retention deletes, too.
    On failure none of its files keeps its name.
    """
    spanned = batches[task.first : task.last]
    lo = max(spanned[0].lo, 0 if everything else delivered_from(task.source, task.table))
    hi = spanned[-1].hi
    if lo >= hi:
        return []
    contract = contract_tables()[task.source, task.table]
    render = renderers([task.source])[task.source, task.table]
    once = (task.source, task.table) in of_the_world([task.source])
    files = [landing.TableFile(place, contract, b) for b in spanned]
    try:
        for k in range(1 if once else recipe.shards):
            rows = render(_window(recipe, facts[k], k, lo, hi))
            if rows is None or not len(rows):
                continue
            for file, part in zip(files, landing.split(rows, spanned), strict=True):
                file.add(part)
            if sum(f.waiting for f in files) > _WAITING:
                for file in files:
                    file.flush()
            tell(len(rows))
        entries = [file.close() for file in files]
    except BaseException:
        for file in files:
            file.abort()
        raise
    return [(task.first + i, e) for i, e in enumerate(entries) if e]
