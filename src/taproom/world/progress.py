"""How far the making of a world has come: rows, rows a second, time left."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

Progress = Callable[..., None]


def silent(*parts) -> None:
    """Tell nobody."""


class Meter:
    """Counts rows against those expected, and tells `progress` of each step.

    Elapsed time is for the reader's eyes only; nothing that is made depends on it.
    """

    def __init__(self, progress: Progress, expected: float, tasks: int):
        self._progress, self._tasks = progress, tasks
        self._expected, self._began = max(expected, 1.0), perf_counter()
        self._credit = 0.0  # expected rows of the tasks that are done
        self.rows, self.done = 0, 0

    def add(self, rows: int, what: str) -> None:
        """So many rows of a table have been rendered."""
        self.rows += rows
        self._tell(what)

    def finish(self, expected: float, what: str) -> None:
        """A task is done; `expected` rows are no longer to come."""
        self._credit += expected
        self.done += 1
        self._tell(what)

    def _tell(self, what: str) -> None:
        taken = max(perf_counter() - self._began, 1e-3)
        left = taken * (self._expected - self._credit) / max(self._credit, 1.0)
        ahead = f"{int(left) // 60}:{int(left) % 60:02} left" if self._credit and taken > 2 else ""
        self._progress(
            "write", self.done, "of", f"{self._tasks},", what, f"{self.rows:,} rows,",
            f"{self.rows / taken:,.0f} rows/s", ahead,
        )  # fmt: skip
