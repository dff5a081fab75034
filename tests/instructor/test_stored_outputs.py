"""Storing outputs: they come from a green run of the right world and of the same cells."""

import json

import nbformat
import pytest

from taproom import settings
from taproom.errors import TaproomError
from taproom.instructor import store


@pytest.fixture
def latest(tmp_path, monkeypatch):
    """A repository with one notebook without outputs, and the folder of its run."""
    monkeypatch.setattr(settings, "repo", lambda: tmp_path)
    write(tmp_path / "notebooks/05-tables.ipynb", nbformat.v4.new_code_cell("6 * 7"))
    ran = nbformat.v4.new_code_cell(
        "6 * 7",
        execution_count=1,
        outputs=[nbformat.v4.new_output("execute_result", {"text/plain": "42"}, execution_count=1)],
        metadata={"papermill": {"duration": 1}, "execution": {}, "tags": ["x"]},
    )
    folder = tmp_path / "reports/latest"
    write(folder / "notebooks/05-tables.ipynb", ran)
    say(folder, seed=42, state="green")
    return folder


def write(path, cell):
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"papermill": {"a": 1}})
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


def say(folder, seed, state):
    steps = [{"notebook": "notebooks/05-tables", "state": state}]
    run = {"scale": "small", "seed": seed, "steps": steps}
    (folder / "run.json").write_text(json.dumps(run))


def test_outputs_and_counts_are_kept_and_nothing_else(latest, tmp_path):
    assert [one.number for one in store.store([], latest)] == [5]
    kept = nbformat.read(tmp_path / "notebooks/05-tables.ipynb", as_version=4)
    [cell] = kept.cells
    assert cell.execution_count == 1 and cell.outputs[0].data["text/plain"] == "42"
    assert cell.metadata == {} and "papermill" not in kept.metadata


def test_another_seed_is_refused(latest):
    say(latest, seed=7, state="green")
    with pytest.raises(TaproomError, match="seed 7"):
        store.store([], latest)


def test_a_failed_notebook_is_left_alone(latest):
    say(latest, seed=42, state="failed")
    assert store.store([], latest) == []


def test_changed_cells_are_refused(latest, tmp_path):
    write(tmp_path / "notebooks/05-tables.ipynb", nbformat.v4.new_code_cell("6 * 8"))
    with pytest.raises(TaproomError, match="changed"):
        store.store([], latest)
