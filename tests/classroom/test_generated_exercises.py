"""Solutions as the single source: marked blocks, exercises without them."""

import json

import pytest

from taproom import settings
from taproom.classroom import generate, sources

CELL = """import pandas as pd

# begin solution 05-01: mrr_usd = ...
rows = pd.DataFrame({"mrr_usd": [1.0]})
mrr_usd = rows["mrr_usd"].sum()
# end solution
print(mrr_usd)"""


def notebook(*cells):
    return {
        "cells": list(cells),
        "metadata": {"kernelspec": {"name": "python3"}, "papermill": {"x": 1}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def code_cell(source, **metadata):
    return {
        "cell_type": "code",
        "id": "a",
        "metadata": metadata,
        "source": source.splitlines(keepends=True),
        "outputs": [{"output_type": "stream", "name": "stdout", "text": ["1.0\n"]}],
        "execution_count": 3,
    }


def test_blocks_are_found_with_their_placeholders():
    [(name, placeholder, body)] = sources.blocks(CELL)
    assert (name, placeholder) == ("05-01", "mrr_usd = ...")
    assert body.splitlines()[-1] == 'mrr_usd = rows["mrr_usd"].sum()'


def test_an_exercise_has_the_placeholder_and_nothing_of_the_solution():
    assert sources.without_solutions(CELL) == (
        "import pandas as pd\n\nmrr_usd = ...\nprint(mrr_usd)"
    )


@pytest.mark.parametrize(
    "source",
    [
        "# begin solution 05-01: a = ...\na = 1",
        "a = 1\n# end solution",
        "# begin solution 05-01: a = ...\n# begin solution 05-02: b = ...\n# end solution",
    ],
)
def test_markers_that_do_not_pair_are_refused(source):
    with pytest.raises(sources.Unmarked):
        sources.without_solutions(source)


def test_exercises_carry_no_outputs_no_counts_and_no_run_metadata():
    title = {"cell_type": "markdown", "id": "t", "metadata": {}, "source": ["# Title"]}
    made = generate.exercise(
        notebook(title, code_cell(CELL), code_cell("x", tags=["solution-only"]))
    )
    assert len(made["cells"]) == 2
    assert made["cells"][1]["outputs"] == []
    assert made["cells"][1]["execution_count"] is None
    assert "papermill" not in made["metadata"]
    assert "docs/checks.md" in "".join(made["cells"][0]["source"])
    assert json.loads(generate.text(made)) == made


@pytest.fixture
def repository(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "repo", lambda: tmp_path)
    (tmp_path / "solutions").mkdir()
    title = {"cell_type": "markdown", "id": "t", "metadata": {}, "source": ["# Title"]}
    made = generate.text(notebook(title, code_cell(CELL)))
    (tmp_path / "solutions" / "05-a.ipynb").write_text(made)
    return tmp_path


def test_generating_makes_stale_exercises_fresh(repository, capsys):
    (repository / "exercises").mkdir()
    (repository / "exercises" / "04-gone.ipynb").write_text("{}")
    assert generate.main(["--check"]) == 1
    assert generate.main([]) == 0
    assert [path.name for path in (repository / "exercises").iterdir()] == ["05-a.ipynb"]
    assert generate.main(["--check"]) == 0
    (repository / "exercises" / "05-a.ipynb").write_text("edited")
    assert generate.main(["--check"]) == 1
    assert "05-a.ipynb is not what" in capsys.readouterr().err


def test_wrong_usage_is_said(capsys):
    assert generate.main(["--fast"]) == 2
    assert "usage" in capsys.readouterr().err
