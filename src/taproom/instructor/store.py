"""Keep the outputs of the last run in the repository's notebooks: how stored outputs are made.

`python -m taproom.instructor.store [NN …]` takes the executed copies of reports/latest, which must
be of scale small and seed 42, and puts their outputs and execution counts into notebooks/ and
solutions/. Everything a run adds besides (times, paths, error banners) is left out.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import nbformat

from taproom.errors import TaproomError
from taproom.instructor import record
from taproom.instructor.notebooks import Notebook, find

SCALE, SEED = "small", 42


def store(numbers: list[int], latest: Path | None = None) -> list[Notebook]:
    """Store the outputs of these notebooks, or of all that were run; returns the stored ones."""
    latest = latest or record.reports() / "latest"
    run = _run(latest)
    green = {step["notebook"] for step in run["steps"] if step["state"] == record.GREEN}
    stored = []
    for notebook in find():
        if notebook.key in green and (not numbers or notebook.number in numbers):
            _store(notebook, latest / f"{notebook.key}.ipynb")
            stored.append(notebook)
    return stored


def _run(latest: Path) -> dict:
    try:
        run = json.loads((latest / "run.json").read_text(encoding="utf-8"))
    except OSError as error:
        raise TaproomError(
            "There is no run to take outputs from.", str(latest), "./taproom run"
        ) from error
    if (run["scale"], run["seed"]) != (SCALE, SEED):
        raise TaproomError(
            f"The last run was of scale {run['scale']} and seed {run['seed']}.",
            where=str(latest),
            remedy=f"./taproom run --scale {SCALE} --seed {SEED}: stored outputs are of that world",
        )
    return run


def _store(notebook: Notebook, executed: Path) -> None:
    stored = nbformat.read(notebook.path, as_version=4)
    copy = nbformat.read(executed, as_version=4)
    if [cell.source for cell in stored.cells] != [cell.source for cell in copy.cells]:
        raise TaproomError(
            "The notebook has changed since it was run.",
            where=str(notebook.path),
            remedy=f"./taproom run --only {notebook.number:02d}, then store again",
        )
    for cell, fresh in zip(stored.cells, copy.cells, strict=True):
        if cell.cell_type == "code":
            cell.outputs = fresh.outputs
            cell.execution_count = fresh.execution_count
        for added in ("execution", "papermill"):
            cell.metadata.pop(added, None)
    stored.metadata.pop("papermill", None)
    stored.metadata["kernelspec"] = {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    }
    stored.metadata["language_info"] = {"name": "python"}
    nbformat.write(stored, notebook.path)


if __name__ == "__main__":
    try:
        for done in store([int(number) for number in sys.argv[1:]]):
            print(done.path)
    except TaproomError as error:
        sys.exit(str(error))
