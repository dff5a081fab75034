"""Every stored notebook keeps the rules of a notebook: order, outputs, prose, figures."""

import ast
import re

import pytest
from prose_rules import data_numbers
from stored_notebooks import (
    EXERCISES,
    RUN,
    code,
    documents,
    figures,
    ignored,
    name,
    prose,
    size,
)

from taproom.instructor.notebooks import find, source

LARGEST_HTML = 100_000
LARGEST_NOTEBOOK = 3_000_000
EVERY = RUN + EXERCISES

every_notebook = pytest.mark.parametrize("notebook", EVERY, ids=name)
run_notebook = pytest.mark.parametrize("notebook", RUN, ids=name)
exercise = pytest.mark.parametrize("notebook", EXERCISES, ids=name)


def test_there_is_a_course():
    """An empty folder would let every test below pass."""
    assert {n.number for n in find(folders=("notebooks",))} >= {1, 2, 3, 4, 5, 6}
    assert find(folders=("solutions",))
    assert [n.path.name for n in find(folders=("solutions",))] == [n.path.name for n in EXERCISES]


@every_notebook
def test_it_opens_with_its_title_and_a_question(notebook):
    cells = notebook.cells()
    first = source(cells[0])
    assert cells[0]["cell_type"] == "markdown" and first.startswith("# "), "first cell: `# Title`"
    assert sum(line.startswith("# ") for text in prose(notebook) for line in text.splitlines()) == 1


@every_notebook
def test_prose_holds_no_number_from_the_data(notebook):
    found = {hit: text[:80] for text in prose(notebook) for hit in data_numbers(text)}
    assert not found


@every_notebook
def test_prose_needs_no_network(notebook):
    """The report renders without a network: no formulas that need MathJax, no remote images."""
    for text in prose(notebook):
        assert "$$" not in text
        assert not re.search(r"<img[^>]+https?:|!\[[^\]]*\]\(https?:", text)


@every_notebook
def test_titles_of_figures_that_state_numbers_are_computed(notebook):
    for cell in code(notebook):
        for title in literal_titles(source(cell)):
            assert not data_numbers(title), f"computed titles only: {title!r}"


@run_notebook
def test_stored_outputs_are_of_one_clean_run(notebook):
    cells = code(notebook)
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        for output in cell["outputs"]:
            assert output["output_type"] != "error", source(cell)
            assert output.get("name") != "stderr", f"{output.get('text')}\n{source(cell)}"


@run_notebook
def test_outputs_are_small_and_name_no_machine(notebook):
    assert size(notebook.cells()) < LARGEST_NOTEBOOK
    for cell in code(notebook):
        for output in cell["outputs"]:
            assert size(output.get("data", {}).get("text/html", "")) < LARGEST_HTML
            text = str(output.get("text", "")) + str(output.get("data", {}))
            assert not re.search(r"plotly[.-][\w.]*min\.js|cdn\.plot\.ly", text), (
                "embedded plotly.js"
            )
            assert not re.search(r"(?<![\w.])/(?:work|root|home|Users|tmp)/", text), (
                "a machine path"
            )


@run_notebook
def test_figures_speak_to_eyes_and_ears(notebook):
    for cell in code(notebook):
        for figure in figures(cell):
            layout = figure["layout"]
            title = layout.get("title", {}).get("text", "")
            assert title, f"a figure without a title:\n{source(cell)}"
            alt = (layout.get("meta") or {}).get("alt", "")
            assert len(alt) >= 20, f"{title!r} needs alt text in layout.meta['alt']"
            for axis in named_axes(figure):
                label = layout.get(axis, {}).get("title", {}).get("text", "")
                assert label, f"{title!r}: {axis} has no title"
                assert "_" not in label, f"{title!r}: {label!r} is a column name, not words"


@run_notebook
def test_a_figure_has_a_compared_table_beside_it(notebook):
    cells = code(notebook)
    for place, cell in enumerate(cells):
        if figures(cell):
            assert ignored(cell), f"tag it nbval-ignore-output:\n{source(cell)}"
            beside = cells[max(place - 1, 0) : place] + cells[place + 1 : place + 2]
            assert any(c["outputs"] and not ignored(c) for c in beside), source(cell)


@exercise
def test_an_exercise_is_stored_without_outputs(notebook):
    for cell in code(notebook):
        assert cell["outputs"] == [] and cell["execution_count"] is None


@every_notebook
def test_it_is_on_the_maps(notebook):
    """README's map and one module name it."""
    assert notebook.path.name in next(iter(documents("README.md").values()))
    assert any(notebook.path.name in text for text in documents("modules/*/README.md").values())


def literal_titles(cell: str) -> list[str]:
    """Titles written as plain strings; f-strings are computed."""
    try:
        tree = ast.parse(cell)
    except SyntaxError:  # a cell with a magic
        return []
    return [
        keyword.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg in ("title", "title_text")
        and isinstance(keyword.value, ast.Constant)
        and isinstance(keyword.value.value, str)
    ]


def named_axes(figure: dict) -> list[str]:
    """The first axes of a figure with axes; an axis of dates explains itself."""
    cartesian = {"bar", "scatter", "histogram", "heatmap", "box", "violin", "waterfall", "funnel"}
    if not any(trace.get("type", "scatter") in cartesian for trace in figure["data"]):
        return []
    dates = figure["layout"].get("xaxis", {}).get("type") == "date" or any(
        looks_like_dates(trace.get("x")) for trace in figure["data"]
    )
    return ["yaxis"] if dates else ["xaxis", "yaxis"]


def looks_like_dates(values: object) -> bool:
    """Does a trace's x hold ISO dates or months?"""
    return (
        isinstance(values, list) and bool(values) and bool(re.match(r"\d{4}-\d\d", str(values[0])))
    )
