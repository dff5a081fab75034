"""How far the making of a world has come: rows, rows a second, time left."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from taproom.world.making.tasks import Task

Progress = Callable[..., None]


def silent(*parts) -> None:
    """Tell nobody."""


class Meter:
    """Counts rows against those expected, and tells `progress` of each step.

    Elapsed time is for the reader's eyes only; nothing that is made depends on it. It begins
    with the first rows.
    """

    def __init__(self, progress: Progress, expected: float, tasks: int):
        self._progress, self._tasks = progress, tasks
        self._expected, self._began = max(expected, 1.0), 0.0
        self._credit = 0.0  # expected rows of the tasks that are done
        self._running: dict[str, tuple[int, float]] = {}  # rows so far, expected
        self.rows, self.done = 0, 0

    def add(self, task: Task, rows: int) -> None:
        """So many rows of a task have been rendered."""
        so_far, _ = self._running.get(task.name, (0, 0.0))
        self._running[task.name] = so_far + rows, task.rows
        self.rows += rows
        self._tell(task.what)

    def finish(self, task: Task) -> None:
        """A task is done: no more rows of it are to come."""
        self._running.pop(task.name, None)
        self._credit += task.rows
        self.done += 1
        self._tell(task.what)

    def _tell(self, what: str) -> None:
        self._began = self._began or perf_counter()
        taken = max(perf_counter() - self._began, 1e-3)
        credit = self._credit + sum(min(rows, most) for rows, most in self._running.values())
        left = int(taken * max(self._expected - credit, 0.0) / max(credit, 1.0))
        said = ["write", self.done, "of", f"{self._tasks},", what, f"{self.rows:,} rows"]
        if taken > 3:  # before, a rate says nothing yet
            said += [f"{self.rows / taken:,.0f} rows/s", f"{left // 60}:{left % 60:02} left"]
        self._progress(*said)
