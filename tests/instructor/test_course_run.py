"""A run of the course over three small notebooks: order, failure, interruption, report."""

import json

import nbformat
import pytest
from rich.console import Console

from taproom import settings
from taproom.errors import TaproomError
from taproom.instructor import course, ground


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository with notebooks 01 and 05 and solution 05, and steps that only say their name."""
    root = tmp_path / "repository"
    write(root / "notebooks/01-first.ipynb", "# The first", "print(6 * 7)")
    write(root / "notebooks/05-tables.ipynb", "# Tables", "answer = 42", "answer")
    write(root / "solutions/05-tables.ipynb", "# Tables, solved", "'solved'")
    steps = []
    monkeypatch.setattr(settings, "repo", lambda: root)
    monkeypatch.setenv("TAPROOM_HOME", str(tmp_path / "home"))
    for name in ("ensure_postgres", "ensure_world", "ensure_tables", "ensure_dashboards"):
        monkeypatch.setattr(
            ground, name, lambda *args, name=name: steps.append(name) or f"{name} done"
        )
    monkeypatch.setattr(ground, "world_facts", lambda: {"world_id": "tiny-1", "rows": 1234})
    monkeypatch.setattr(ground, "another_world", lambda scale, seed: None)
    return root


@pytest.fixture
def console(tmp_path):
    with (tmp_path / "out.txt").open("w") as out:
        yield Console(file=out, width=100)


def write(path, title, *cells):
    notebook = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    )
    notebook.cells = [nbformat.v4.new_markdown_cell(title)]
    notebook.cells += [nbformat.v4.new_code_cell(cell) for cell in cells]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


def result(tmp_path):
    latest = tmp_path / "home/reports/latest"
    return json.loads((latest / "run.json").read_text()), latest


def test_a_green_run_keeps_copies_pages_and_timings(repository, console, tmp_path):
    assert course.run_course("tiny", 1, console=console) == 0
    kept, latest = result(tmp_path)
    assert kept["state"] == "green" and kept["whole"]
    assert [step["notebook"] or step["title"] for step in kept["steps"]] == [
        "Start PostgreSQL",
        "Simulate the company",
        "notebooks/01-first",
        "Load the files and build the warehouse with dbt",
        "notebooks/05-tables",
        "solutions/05-tables",
    ]
    assert all(step["state"] == "green" and step["seconds"] >= 0 for step in kept["steps"])
    assert kept["first_notebook_seconds"] > 0 and kept["peak_memory_bytes"] > 0
    copy = nbformat.read(latest / "notebooks/05-tables.ipynb", as_version=4)
    assert copy.cells[-1].outputs[0]["data"]["text/plain"] == "42"
    assert "solved" in (latest / "solutions/05-tables.html").read_text()
    index = (latest / "index.html").read_text()
    assert "Every notebook is green: 3 of 3" in index and "1,234" in index
    assert 'href="notebooks/05-tables.html"' in index


def test_superset_starts_only_before_notebooks_that_ask_it(repository, console, tmp_path):
    write(repository / "notebooks/16-principles.ipynb", "# Principles", "16")
    assert course.run_course("tiny", 1, start_from=5, console=console) == 0
    kept, _ = result(tmp_path)
    assert [step["notebook"] or step["title"] for step in kept["steps"]][-3:] == [
        "solutions/05-tables",
        "Start Superset and bring its dashboards",
        "notebooks/16-principles",
    ]


def test_a_failing_cell_stops_the_run_and_is_shown(repository, console, tmp_path):
    write(repository / "notebooks/05-tables.ipynb", "# Tables", "good = 1", "1 / (good - 1)")
    assert course.run_course("tiny", 1, console=console) == 1
    kept, latest = result(tmp_path)
    failed = next(step for step in kept["steps"] if step["state"] == "failed")
    assert failed["notebook"] == "notebooks/05-tables"
    assert failed["failure"]["cell"] == 2
    assert failed["failure"]["name"] == "ZeroDivisionError"
    assert kept["steps"][-1]["state"] == "waiting"
    console.file.flush()
    said = (tmp_path / "out.txt").read_text()
    assert "1 / (good - 1)" in said and "./taproom run --from 05" in said
    index = (latest / "index.html").read_text()
    assert "ZeroDivisionError" in index and "1 / (good - 1)" in index


def test_a_failing_step_is_a_message_and_a_report(repository, console, tmp_path, monkeypatch):
    def broken(say):
        raise TaproomError("A file is damaged.", where="x.parquet", remedy="make it anew")

    monkeypatch.setattr(ground, "ensure_tables", broken)
    with pytest.raises(TaproomError, match="damaged"):
        course.run_course("tiny", 1, console=console)
    kept, latest = result(tmp_path)
    assert kept["state"] == "failed"
    assert "make it anew" in (latest / "index.html").read_text()


def test_ctrl_c_leaves_a_whole_report(repository, console, tmp_path, monkeypatch):
    def interrupted(say):
        raise KeyboardInterrupt

    monkeypatch.setattr(ground, "ensure_tables", interrupted)
    assert course.run_course("tiny", 1, console=console) == 130
    kept, latest = result(tmp_path)
    assert kept["state"] == "stopped"
    assert "Interrupted: 1 of 3" in (latest / "index.html").read_text()


def test_only_and_from_choose_notebooks(repository, console, tmp_path):
    assert course.run_course("tiny", 1, only=1, console=console) == 0
    kept, _ = result(tmp_path)
    assert [s["notebook"] for s in kept["steps"] if s["notebook"]] == ["notebooks/01-first"]
    assert not kept["whole"]


def test_an_unknown_number_names_the_known_ones(repository, console):
    with pytest.raises(TaproomError, match="--only 09"):
        course.run_course("tiny", 1, only=9, console=console)


def test_replacing_another_world_is_said_first(repository, console, tmp_path, monkeypatch):
    monkeypatch.setattr(ground, "another_world", lambda scale, seed: "small-42-default")
    assert course.run_course("tiny", 1, only=1, console=console) == 0
    console.file.flush()
    said = (tmp_path / "out.txt").read_text()
    assert said.index("small-42-default; this run replaces it") < said.index("Simulate")
