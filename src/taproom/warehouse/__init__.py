"""The warehouse: dbt, the course's state and the sandboxes.

`build` calls dbt, `tick` moves the clock and builds what changed, `course` makes the state the
notebooks expect and `reset` brings it back, `sandbox` gives a tiny world of one's own.
dbt takes seconds to import, so each function imports what it needs when it is called.
"""

from __future__ import annotations

from taproom.warehouse.course import course, course_tables, course_world, reset
from taproom.warehouse.runner import build, environment
from taproom.warehouse.sandboxes import Sandbox, sandbox, sandbox_drop, sandbox_reset
from taproom.warehouse.ticks import tick
from taproom.warehouse.truth_database import load_truth

__all__ = [
    "Sandbox",
    "build",
    "course",
    "course_tables",
    "course_world",
    "environment",
    "load_truth",
    "reset",
    "sandbox",
    "sandbox_drop",
    "sandbox_reset",
    "tick",
]
