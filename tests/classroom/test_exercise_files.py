"""The sheets, the notebooks and the generated exercises belong together."""

import pytest

from taproom import settings
from taproom.answers.answer import ROADS
from taproom.answers.table import compute  # noqa: F401 (fills ROADS)
from taproom.classroom import generate, sources
from taproom.exercises import load

SHEETS = load()


def test_exercises_are_what_solutions_make():
    assert generate.stale() == [], "run python -m taproom.classroom.generate"


def test_every_sheet_has_an_answer_and_at_least_three_misconceptions():
    assert set(SHEETS) == set(ROADS)
    assert len(SHEETS) >= 12
    for sheet in SHEETS.values():
        assert len(sheet.misconceptions) >= 3, sheet.id
        assert sheet.hints, sheet.id


@pytest.mark.parametrize("name", SHEETS)
def test_every_exercise_has_question_solution_and_check(name):
    sheet = SHEETS[name]
    notebook = sources.read(settings.repo() / "solutions" / f"{sheet.notebook}.ipynb")
    prose = [sources.code(one) for one in notebook["cells"] if one["cell_type"] == "markdown"]
    code = [sources.code(one) for one in notebook["cells"] if one["cell_type"] == "code"]
    assert sum(f"## {name} {sheet.title}\n" in one for one in prose) == 1
    [(placeholder, body)] = [
        (placeholder, body)
        for one in code
        for found, placeholder, body in sources.blocks(one)
        if found == name
    ]
    if sheet.of == "notebook":
        variable = placeholder.removesuffix(" = ...")
        assert variable.isidentifier()
        assert f"{variable} = " in body
    else:  # made in Superset; the solution makes it by code
        variable = f"superset.my_{sheet.of}s"
        assert placeholder.startswith("# Your ")
        assert f"superset.{'draw' if sheet.of == 'chart' else 'alert'}(" in body
    assert f'check("{name}", {variable})' in code
    assert sources.solution(sheet) == body


def test_every_column_is_named_in_the_question():
    for sheet in SHEETS.values():
        notebook = sources.read(settings.repo() / "solutions" / f"{sheet.notebook}.ipynb")
        text = "\n".join(sources.code(one) for one in notebook["cells"])
        for column in sheet.columns if sheet.kind == "table" else ():
            assert f"`{column.name}`" in text, f"{sheet.id}: {column.name}"


def test_every_exercise_is_in_the_documentation():
    page = (settings.repo() / "docs" / "exercises.md").read_text(encoding="utf-8")
    for sheet in SHEETS.values():
        assert f"### {sheet.id} {sheet.title}" in page
