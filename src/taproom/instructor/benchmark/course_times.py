"""The course itself: what its last first run and the set-up took, from their own records.

A run whose world already stood is shorter than a beginner's and does not count.
"""

from __future__ import annotations

import json

from taproom import settings
from taproom.instructor import record
from taproom.instructor.benchmark.measure import Measure

MISSING = "not measured here: run the whole course once in a fresh clone, ./taproom run"


def measure() -> list[Measure]:
    """Set-up, first notebook, whole course, memory; values None where nothing was recorded."""
    setup = setup_seconds()
    run = record.last(first=True)
    first = run and run["first_notebook_seconds"]
    whole = run and run["seconds"]
    peak = run and run["peak_memory_bytes"]
    note = f"scale {run['scale']}, seed {run['seed']}" if run else MISSING
    if run and not setup:
        note += "; without the set-up, which was not recorded here"
    return [
        Measure("first set-up", setup, "s", less=True,
                note="" if setup else "not measured here: a bootstrap by ./taproom records it"),
        Measure("clone to first finished notebook", added(setup, first), "s", goal=120, less=True,
                note=note),
        Measure("course, set-up included", minutes(added(setup, whole)), "min", goal=15, less=True,
                note=note),
        Measure("most memory at once", peak / 2**20 if peak else None, "MiB", less=True, note=note),
    ]  # fmt: skip


def setup_seconds() -> float | None:
    """What the bootstrap took when it last made this home's environment."""
    try:
        return json.loads((settings.home() / "setup.json").read_text())["seconds"]
    except (OSError, ValueError, KeyError):
        return None


def added(setup: float | None, then: float | None) -> float | None:
    """Set-up and what came after it."""
    return None if then is None else (setup or 0) + then


def minutes(value: float | None) -> float | None:
    """Seconds as minutes."""
    return None if value is None else value / 60
