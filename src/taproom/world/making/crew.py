"""Tasks handed out and their files collected: in this process, or over a pool of workers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from taproom.world.making.landing import Batch
from taproom.world.making.progress import Meter, Progress
from taproom.world.making.tasks import Recipe, ShardFacts, Task, perform
from taproom.world.making.workers import Pool
from taproom.world.render import renderers

Note = Callable[[str, list], None]


def _forget(name: str, entries: list) -> None:
    """Keep no note of a task that is done."""


class Crew:
    """Does tasks below the landing folder `place` and keeps the manifest entries of each.

    `done`: what earlier runs have finished, by task name. `note` hears of every task at once
    when it is done.
    """

    def __init__(
        self,
        place: Path,
        recipe: Recipe,
        batches: list[Batch],
        todo: list[Task],
        progress: Progress,
        done: dict[str, list] | None = None,
        note: Note = _forget,
    ):
        self._place, self._recipe, self._batches = place, recipe, batches
        self._todo = todo
        self._done = dict(done or {})
        self._note, self._progress = note, progress
        self._meter = Meter(progress, sum(t.rows for t in todo), len(todo))

    def here(self, facts: ShardFacts) -> None:
        """Do everything in this process."""
        for task in self._todo:

            def tell(rows: int, task: Task = task) -> None:
                self._meter.add(task, rows)

            self._finished(
                task, perform(self._place, self._recipe, facts, self._batches, task, tell)
            )

    def over(self, pool: Pool, facts: Path) -> None:
        """Have everything done by workers, who find the facts in a folder."""
        self._follow(pool, self._jobs(self._todo, facts), lambda said: [])

    def along(self, pool: Pool, simulation: dict, facts: Callable[[int], Path]) -> None:
        """Have the simulation done by one worker, and tasks by the others as soon as it has got
        to the end of their batches; `facts` gives the folder of an instant it has reached."""
        waiting = list(self._todo)

        def reached(said: dict) -> list[dict]:
            if "reached" not in said:
                return []
            ready = [t for t in waiting if self._batches[t.last - 1].hi <= said["reached"]]
            for task in ready:
                waiting.remove(task)
            return self._jobs(ready, facts(said["reached"]))

        self._follow(pool, [simulation], reached)

    def _follow(self, pool: Pool, jobs: list[dict], more: Callable[[dict], list[dict]]) -> None:
        pool.add(jobs)
        for job, said in pool.answers():
            if "told" in said:
                self._progress(*said["told"])
            pool.add(more(said))
            if "task" not in job:
                continue
            task = Task(**job["task"])
            if "rows" in said:
                self._meter.add(task, said["rows"])
            elif "done" in said:
                self._finished(task, said["done"])

    def _jobs(self, todo: list[Task], facts: Path) -> list[dict]:
        shared = {
            "kind": "render",
            "landing": str(self._place),
            "facts": str(facts),
            "recipe": asdict(self._recipe),
            "batches": [(b.id, b.lo, b.hi) for b in self._batches],
        }
        return [{**shared, "name": t.name, "task": asdict(t)} for t in todo]

    def _finished(self, task: Task, entries: list) -> None:
        self._done[task.name] = entries
        self._note(task.name, entries)
        self._meter.finish(task)

    def files(self) -> list[list[dict]]:
        """Entries of all tasks by batch, tables in their usual order."""
        place = {key: i for i, key in enumerate(renderers(self._recipe.sources))}
        files: list[list[dict]] = [[] for _ in self._batches]
        for entries in self._done.values():
            for i, entry in entries:
                files[i].append(entry)
        for listed in files:
            listed.sort(key=lambda f: place[f["source"], f["table"]])
        return files
