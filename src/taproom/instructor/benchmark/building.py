"""Building: everything from nothing, and one more day, each as the command a learner types."""

from __future__ import annotations

from statistics import median

from taproom import settings
from taproom.instructor.benchmark import generation
from taproom.instructor.benchmark.measure import Measure, taproom

TICKS = 3
TESTED = "full dbt build with its tests"
MODELS = "all dbt models, no tests"
TICK = "one-day tick: advance, ingest, build of what changed"
HOUR = "one-hour tick: advance, ingest, build of what the hour touches"
FROM_NOTHING = ("a new world, small", "load of a new world")


def measure(before: list[Measure]) -> list[Measure]:
    """Seconds of a full dbt build, with its tests and without, and of a one-day and a one-hour
    tick (medians).

    The full rebuild a tick stands beside starts from nothing: its first two steps, simulating and
    loading, are taken from `before`. A tick runs no dbt tests, so it also stands beside the models
    alone.
    """
    taproom("build")  # the first build also parses the project; it is not the one measured
    tested = taproom("build", "--full-refresh")
    models = taproom("build", "run", "--full-refresh")
    ticks = [taproom("tick", "--days", "1") for _ in range(TICKS)]
    tick = median(ticks)
    # the hours after a midnight: none of them closes a day
    hours = [taproom("tick", "--hours", "1") for _ in range(TICKS)]
    hour = median(hours)
    seconds = {m.name: m.value for m in before}
    rebuild = tested + sum(seconds[name] for name in FROM_NOTHING)
    rows, _ = generation.landed(settings.data())
    each = "each of the ticks: " + ", ".join(f"{one:.1f} s" for one in ticks)
    return [
        Measure(TESTED, tested, "s", less=True, note=f"{rows:,} raw rows"),
        Measure(MODELS, models, "s", less=True),
        Measure(TICK, tick, "s", "full rebuild: world, load, dbt build", rebuild, goal=10,
                less=True, note=each),
        Measure(TICK, tick, "s", MODELS, models, less=True),
        Measure(HOUR, hour, "s", MODELS, models, less=True,
                note="each of the ticks: " + ", ".join(f"{one:.1f} s" for one in hours)),
    ]  # fmt: skip


def measure_tiny(before: list[Measure]) -> list[Measure]:
    """Seconds of a full dbt build of a tiny company, in the present home, which must be empty, and
    how many times as long `before`'s build of a small one took.
    """
    taproom("world", "init", "--scale", "tiny")
    taproom("ingest")
    taproom("build", "parse")
    rows, _ = generation.landed(settings.data())
    tested = taproom("build", "--full-refresh")
    models = taproom("build", "run", "--full-refresh")
    small = {measure.name: measure for measure in before}[MODELS].value
    return [
        Measure(f"{TESTED}, tiny", tested, "s", less=True, note=f"{rows:,} raw rows"),
        Measure(f"{MODELS}, tiny", models, "s", less=True),
        Measure(f"{MODELS}: small takes", small / models, "times as long as tiny", less=True,
                note="for ten times the rows; what does not grow with them is dbt's own work"),
    ]  # fmt: skip
