"""Building: everything from nothing, and one more day, each as the command a learner types."""

from __future__ import annotations

from statistics import median

from taproom import settings
from taproom.instructor.benchmark import generation
from taproom.instructor.benchmark.measure import Measure, taproom

TICKS = 3
TICK = "one-day tick: advance, ingest, build of what changed"
FROM_NOTHING = ("a new world", "load of a new world")


def measure(before: list[Measure]) -> list[Measure]:
    """Seconds of a full dbt build with its tests, and of a one-day tick (median of three).

    The full rebuild a tick stands beside does the same three steps from nothing; its first two,
    simulating and loading, are taken from `before`.
    """
    taproom("build")  # the first build also parses the project; it is not the one measured
    full = taproom("build", "--full-refresh")
    ticks = [taproom("tick", "--days", "1") for _ in range(TICKS)]
    tick, rebuild = median(ticks), full + sum(m.value for m in before if m.name in FROM_NOTHING)
    rows, _ = generation.landed(settings.data())
    return [
        Measure("full dbt build, tests included", full, "s", less=True, note=f"{rows:,} raw rows"),
        Measure(TICK, tick, "s", "full rebuild: the same from nothing", rebuild, goal=10, less=True,
                note="each of the ticks: " + ", ".join(f"{tick:.1f} s" for tick in ticks)),
        Measure(TICK, tick, "s", "full dbt build alone", full, less=True),
    ]  # fmt: skip
