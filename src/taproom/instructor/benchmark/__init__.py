"""`./taproom bench`: how fast the course is, beside what others would take for the same rows.

Everything runs in a home of its own that is removed afterwards, so the learner's data stays as it
is; only the last whole course run is read from its report. Results go to reports/bench/.
"""

from __future__ import annotations

import json as serialise
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from taproom import settings
from taproom.errors import TaproomError
from taproom.instructor import record
from taproom.instructor.benchmark import (
    asking,
    building,
    course_times,
    generation,
    loading,
    navigation,
    table,
)
from taproom.instructor.benchmark.measure import Measure
from taproom.services.superset import place as superset_place

SCALE, SEED = "small", 42


def bench(json: bool = False, full: bool = False) -> int:
    """Measure, keep, print a table (or JSON on standard output); returns the exit status.

    `full`: make worlds of the full scale, too. Raises TaproomError when a command that is measured
    fails; what was measured before it is kept and printed.
    """
    console = Console(stderr=True)
    folder = record.reports() / "bench"
    # What belongs to the learner's home is read before another home takes its place.
    measures: list[Measure] = course_times.measure()
    rivals = generation.rivals_python(console)
    parts = (
        (
            "Simulating, beside Faker and jafgen",
            lambda: generation.measure(SCALE, SEED, rivals, full),
        ),
        ("Loading, beside binary COPY and pandas", loading.measure),
        ("Building all, ticking a day and an hour", lambda: building.measure(measures)),
        ("Asking, beside joins and DuckDB", asking.measure),
        ("Opening the dashboards, alone and among twenty", navigation.measure),
    )
    failure = None
    with own_home():
        for title, work in parts:
            try:
                with console.status(title):
                    measures.extend(work())
            except TaproomError as error:
                # What is measured is kept; what follows builds on what failed.
                failure = error
                console.print(f"[red]✗[/] {title}", highlight=False)
                break
            console.print(f"[green]✓[/] {title}", highlight=False)
    if failure is None:
        with own_home(), console.status("Building a tiny company"):
            measures.extend(building.measure_tiny(measures))
    result = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "scale": SCALE,
        "seed": SEED,
        "machine": record.machine(),
        "versions": record.versions(),
        "measures": [asdict(measure) | {"reached": measure.reached} for measure in measures],
    }
    kept = keep(result, measures, folder)
    if json:
        print(serialise.dumps(result, indent=2))
    else:
        out = Console()
        out.print(table.rich_table(measures), width=None if out.is_terminal else 150)
    console.print(f"Kept in {kept}", soft_wrap=True)
    if failure is not None:
        raise failure
    return 0


def keep(result: dict, measures: list[Measure], folder: Path) -> Path:
    """Write the result as JSON, and as the Markdown table docs/benchmarks.md shows."""
    folder.mkdir(parents=True, exist_ok=True)
    text = serialise.dumps(result, indent=2) + "\n"
    stamp = result["measured_at"].replace(":", "").split("+")[0]
    for name in (f"{stamp}.json", "latest.json"):
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "latest.md").write_text(table.markdown(measures), encoding="utf-8")
    return folder / "latest.json"


@contextmanager
def own_home() -> Iterator[Path]:
    """A temporary home with a PostgreSQL of its own; gone when the block is left."""
    before = os.environ.get("TAPROOM_HOME")
    # 650 MB of packages: those of the learner's home, if it has them
    os.environ.setdefault("TAPROOM_SUPERSET_ENV", str(superset_place.environment()))
    place = Path(tempfile.mkdtemp(prefix="taproom-bench-"))
    place.chmod(0o755)  # PostgreSQL runs as another user where root runs the benchmark
    os.environ["TAPROOM_HOME"] = str(place)
    from taproom import services
    from taproom.services import postgres

    try:
        postgres.start()
        yield settings.home()
    finally:
        services.down()
        if before is None:
            del os.environ["TAPROOM_HOME"]
        else:
            os.environ["TAPROOM_HOME"] = before
        shutil.rmtree(place, ignore_errors=True)
