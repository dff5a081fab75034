"""The benchmark table: ratios point the right way, goals are judged, rates count what was made."""

import json
import re

from taproom import settings
from taproom.instructor import record
from taproom.instructor.benchmark import asking, generation, table
from taproom.instructor.benchmark.measure import Measure


def test_a_ratio_above_one_means_better():
    rate = Measure("load", 300.0, "rows/s", "COPY", 400.0, goal=0.8)
    assert rate.ratio == 0.75 and rate.reached is False
    time = Measure("tick", 10.0, "s", "rebuild", 120.0, goal=10, less=True)
    assert time.ratio == 12 and time.reached is True


def test_goals_without_a_rival_are_judged_by_value():
    assert Measure("first notebook", 90.0, "s", goal=120, less=True).reached is True
    assert Measure("course", 16.0, "min", goal=15, less=True).reached is False
    assert Measure("course", None, "min", goal=15, less=True).reached is None
    assert Measure("memory", 900.0, "MiB").reached is None


def test_the_markdown_has_every_row_and_note():
    text = table.markdown(
        [
            Measure("load", 300_000.0, "rows/s", "COPY", 400_000.0, goal=0.8, note="all tables"),
            Measure("course", None, "min", goal=15, less=True),
        ]
    )
    assert "| load | 300,000 rows/s | COPY | 400,000 rows/s | 0.75x | ≥ 0.8x, not reached |" in text
    assert "| course | not measured |" in text and "≤ 15 min, open" in text
    assert "- load (COPY): all tables" in text


def test_landed_rows_are_the_manifest_s(tmp_path):
    files = [{"rows": 3, "bytes": 10}, {"rows": 4, "bytes": 20}]
    (tmp_path / "landing").mkdir()
    manifest = {"batches": [{"files": files[:1]}, {"files": files[1:]}]}
    (tmp_path / "landing" / "_manifest.json").write_text(json.dumps(manifest))
    assert generation.landed(tmp_path) == (7, 30)


def test_csv_rows_leave_the_header_out(tmp_path):
    (tmp_path / "a.csv").write_text("x\n1\n2\n")
    (tmp_path / "b.csv").write_text("x\n1\n")
    assert generation.csv_rows(tmp_path) == 3


def test_times_of_a_beginner_come_from_runs_that_made_their_world(tmp_path, monkeypatch):
    monkeypatch.setenv("TAPROOM_HOME", str(tmp_path))
    for name, first in (("2026-01-01-1", True), ("2026-01-02-1", False)):
        folder = tmp_path / "reports" / name
        folder.mkdir(parents=True)
        run = record.Record("small", 42, state=record.GREEN, first=first)
        run.seconds = 100.0 if first else 10.0
        run.write(folder)
    assert record.last()["seconds"] == 10.0
    assert record.last(first=True)["seconds"] == 100.0


def test_every_index_of_an_entity_stands_on_its_page_with_who_asks_for_it():
    """docs/indexes.md is printed by python -m taproom.instructor.benchmark.indexes."""
    written = (settings.repo() / "docs" / "indexes.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in written.splitlines()
            if line.startswith("| `entity_")]  # fmt: skip
    told = {(row[0].strip("`"), row[1].split("`")[1]) for row in rows}
    configured = {
        (path.stem, ", ".join(re.findall(r"'(\w+)'", columns)))
        for path in (settings.repo() / "dbt" / "models" / "entities").rglob("*.sql")
        for columns in re.findall(r"'columns': \[([^]]+)\]", path.read_text(encoding="utf-8"))
    }
    assert told == configured
    assert not [row for row in rows if row[4] == "nothing"]


def test_a_percentile_is_one_of_the_values():
    assert asking.percentile([3, 1, 2], 0.05) == 1
    assert asking.percentile(range(1, 101), 0.95) == 96
    assert asking.percentile([5], 0.95) == 5
