"""Making data: the simulator beside Faker a row and beside jafgen, whole commands all three."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from rich.console import Console

from taproom import bootstrap, settings
from taproom.instructor.benchmark import rendering
from taproom.instructor.benchmark.measure import Measure, seconds, taproom
from taproom.instructor.memory import Peak

FAKER_ROWS = 50_000
JAFGEN_YEARS = "3"


def rivals_python(console: Console) -> Path:
    """A Python that has Faker and jafgen, from requirements/bench.txt; made on first use."""
    lock = settings.repo() / "requirements" / "bench.txt"
    console.print("Faker and jafgen: an environment of their own")
    return bootstrap.side_environment(settings.home() / "env" / "bench", lock)


def measure(scale: str, seed: int, rivals: Path, full: bool = False) -> list[Measure]:
    """New worlds of every scale beside Faker and jafgen, and what their sources cost.

    `full`: the full scale, too, which takes minutes and gigabytes. Leaves a world of `scale` in
    this home.
    """
    scales = [s for s in ("full", "tiny", "small") if (full or s != "full") and s != scale]
    lines = [line for other in scales for line in new_world(other, seed)]
    own = new_world(scale, seed)
    ours = own[1].value
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        script = Path(__file__).with_name("faker_rows.py")
        faker = FAKER_ROWS / seconds(
            [str(rivals), str(script), str(FAKER_ROWS), str(folder / "faker.csv")]
        )
        spent = seconds([str(rivals.parent / "jafgen"), JAFGEN_YEARS], cwd=folder)
        jafgen = csv_rows(folder / "jaffle-data") / spent
    note = "whole commands on both sides, their start included"
    return [
        *lines,
        *own,
        Measure("world generation", ours, "rows/s", "Faker a row", faker, note=note),
        Measure("world generation", ours, "rows/s", "jafgen", jafgen, goal=100),
        *rendering.measure(scale, seed),
    ]


#: Seconds a new world may take, and memory in MiB.
GOALS = {"tiny": (10, None), "full": (720, 8 * 1024)}


def new_world(scale: str, seed: int) -> list[Measure]:
    """A new world: seconds, rows a second, Parquet, memory of all processes, one day more."""
    with Peak() as peak:
        taken = taproom("world", "init", "--scale", scale, "--seed", str(seed), "--replace")
    rows, written = landed(settings.data())
    lines = [
        Measure(f"a new world, {scale}", taken, "s", less=True, goal=GOALS.get(scale, (None,))[0],
                note=f"{rows:,} rows, {written / 1e6:,.0f} MB of Parquet"),
        Measure(f"a new world, {scale}: rate", rows / taken, "rows/s"),
        Measure(f"a new world, {scale}: Parquet (zstd)", written / taken / 1e6, "MB/s"),
        Measure(f"a new world, {scale}: a row", written / rows, "bytes"),
        Measure(f"a new world, {scale}: most memory at once", peak.bytes / 2**20, "MiB", less=True,
                goal=GOALS.get(scale, (None, None))[1], note="all its processes"),
    ]  # fmt: skip
    if scale != "small":  # at small the ticks are measured with all that follows them
        day = taproom("world", "advance", "--days", "1")
        arrived = landed(settings.data())[0] - rows
        lines.append(Measure(f"one more day, {scale}", day, "s", less=True,
                             note=f"{arrived:,} rows"))  # fmt: skip
        shutil.rmtree(settings.data())
    return lines


def landed(root: Path) -> tuple[int, int]:
    """Rows and bytes of the landing files, as their manifest counts them."""
    manifest = json.loads((root / "landing" / "_manifest.json").read_text(encoding="utf-8"))
    files = [file for batch in manifest["batches"] for file in batch["files"]]
    return sum(file["rows"] for file in files), sum(file["bytes"] for file in files)


def csv_rows(folder: Path) -> int:
    """Data rows of every CSV in a folder."""
    total = 0
    for path in folder.glob("*.csv"):
        with path.open("rb") as file:
            total += sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b"")) - 1
    return total
