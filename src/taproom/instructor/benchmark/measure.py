"""One line of the benchmark table, and how a command is timed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from taproom.errors import TaproomError


@dataclass(frozen=True)
class Measure:
    """A value with its unit, beside another way's value where there is one.

    `ratio` is ours to theirs (theirs to ours where less is better), so above 1 we are better.
    `goal` is the number to reach, for `ratio` when `beside` is set, else for `value`;
    `less` says that less is better.
    """

    name: str
    value: float | None
    unit: str
    beside: str = ""
    beside_value: float | None = None
    goal: float | None = None
    less: bool = False
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times better than what it stands beside."""
        if not self.value or not self.beside_value:
            return None
        better, other = (
            (self.beside_value, self.value) if self.less else (self.value, self.beside_value)
        )
        return better / other

    @property
    def reached(self) -> bool | None:
        """Is the goal reached? None without a goal or without a value."""
        if self.goal is None or self.value is None:
            return None
        if self.beside:
            return self.ratio is not None and self.ratio >= self.goal
        return self.value <= self.goal if self.less else self.value >= self.goal


def seconds(command: list[str], cwd: Path | None = None) -> float:
    """Wall seconds of a whole command, its start included; TaproomError when it fails."""
    began = perf_counter()
    done = subprocess.run(
        command, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=os.environ
    )
    taken = perf_counter() - began
    if done.returncode:
        raise TaproomError(
            "A command of the benchmark failed.",
            where=f"{' '.join(command)}\n\n{(done.stdout + done.stderr)[-2000:]}",
            remedy="run it by itself; when it works, run ./taproom bench again",
        )
    return taken


ROUNDS = 3
ENOUGH_SECONDS = 5  # then there are fewer rounds


def clocked(work: Callable[[], object]) -> list[float]:
    """Wall seconds of some rounds."""
    found: list[float] = []
    while len(found) < ROUNDS and sum(found) < ENOUGH_SECONDS:
        began = perf_counter()
        work()
        found.append(perf_counter() - began)
    return found


def taproom(*arguments: str) -> float:
    """Wall seconds of one ./taproom command in the present home."""
    return seconds([sys.executable, "-m", "taproom.cli", *arguments])
