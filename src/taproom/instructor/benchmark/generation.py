"""Making data: the simulator beside Faker a row and beside jafgen, whole commands all three."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from rich.console import Console

from taproom import bootstrap, settings
from taproom.instructor.benchmark.measure import Measure, seconds, taproom

FAKER_ROWS = 50_000
JAFGEN_YEARS = "3"


def rivals_python(console: Console) -> Path:
    """A Python that has Faker and jafgen, from requirements/bench.txt; made on first use."""
    lock = settings.repo() / "requirements" / "bench.txt"
    console.print("Faker and jafgen: an environment of their own")
    return bootstrap.side_environment(settings.home() / "env" / "bench", lock)


def measure(scale: str, seed: int, rivals: Path) -> list[Measure]:
    """Rows a second of a new world, and its Parquet bytes; leaves the world in this home."""
    taken = taproom("world", "init", "--scale", scale, "--seed", str(seed))
    rows, written = landed(settings.data())
    ours = rows / taken
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        script = Path(__file__).with_name("faker_rows.py")
        faker = FAKER_ROWS / seconds(
            [str(rivals), str(script), str(FAKER_ROWS), str(folder / "faker.csv")]
        )
        spent = seconds([str(rivals.parent / "jafgen"), JAFGEN_YEARS], cwd=folder)
        jafgen = csv_rows(folder / "jaffle-data") / spent
    note = (
        "whole commands on both sides, their start included; ours also lives through usage, "
        "outages, tickets and hazards, of which only the billing rows are delivered so far"
    )
    return [
        Measure("a new world", taken, "s", less=True, note=f"{rows:,} rows at scale {scale}"),
        Measure("world generation", ours, "rows/s", "Faker a row", faker, note=note),
        Measure("world generation", ours, "rows/s", "jafgen", jafgen, goal=100),
        Measure("world generation", written / taken / 1e6, "MB/s of Parquet (zstd)"),
    ]


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
