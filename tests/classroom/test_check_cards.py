"""check, hint, solution and progress, with a database that is only played."""

from datetime import UTC, datetime

import pytest

from taproom import settings
from taproom.classroom import check, checks, hint, notes, progress, solution, sources, store
from taproom.exercises import Column, Exercise, Expected, Misconception, seal

SHEET = Exercise(
    id="00-01",
    title="MRR <today>",
    notebook="00-sample",
    kind="number",
    columns=(Column("mrr_usd", "number", 2, meaning="MRR in USD"),),
    hints=("First look.", "Then think."),
    misconceptions=(
        Misconception("trials", "You counted trials.", "They pay nothing.", "Leave them out."),
        Misconception("list", "You took list prices.", "Discounts count.", "Deduct them."),
        Misconception("gross", "You forgot discounts.", "They are given.", "Deduct them."),
    ),
)
WORLD = "tiny-1-default"
CLOCK = datetime(2026, 1, 1, tzinfo=UTC)


def sealed(value, **more):
    import pandas as pd

    return seal(SHEET, pd.DataFrame({"mrr_usd": [value]}), "salt", **more)


EXPECTED = Expected(
    sealed(100.25, coarse=True),
    {"trials": sealed(120), "list": sealed(150), "gross": sealed(150)},
)


@pytest.fixture(autouse=True)
def classroom(monkeypatch, tmp_path):
    """One sheet, one stored answer, a home of its own."""
    row = {"value": (WORLD, CLOCK, WORLD, CLOCK, 1, EXPECTED.to_json())}
    monkeypatch.setattr(store, "_row", lambda exercise: row["value"])
    monkeypatch.setattr(checks, "load", lambda: {SHEET.id: SHEET})
    monkeypatch.setattr(checks, "find_exercise", lambda name: {SHEET.id: SHEET}[name])
    monkeypatch.setattr(checks, "_hints_given", {})
    monkeypatch.setattr(settings, "home", lambda: tmp_path)
    monkeypatch.delenv("TAPROOM_PROGRESS", raising=False)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    return row


def test_three_states():
    assert check("00-01", 100.25).state == "correct"
    assert check("00-01", 7).state == "incorrect"
    assert 'hint("00-01")' in repr(check("00-01", 7))
    assert check("00-01", ...).state == "not attempted"


def test_a_misconception_is_named_with_why_and_remedy():
    card = check("00-01", 120.0)
    assert card.misconceptions == ("trials",)
    for words in ("You counted trials.", "They pay nothing.", "Leave them out."):
        assert words in repr(card)
        assert words in card._repr_html_()


def test_two_misconceptions_that_coincide_are_both_shown_and_it_is_said():
    card = check("00-01", 150)
    assert card.misconceptions == ("list", "gross")
    assert "More than one road" in repr(card)


def test_html_is_escaped_and_says_the_state_in_words():
    shown = check("00-01", 7)._repr_html_()
    assert "MRR &lt;today&gt;" in shown
    assert "Incorrect" in shown
    assert 'role="status"' in shown


def test_the_placeholder_needs_no_database(monkeypatch):
    monkeypatch.setattr(store, "_row", None)
    assert check("00-01", None).state == "not attempted"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ((WORLD, CLOCK, None, None, None, None), "not computed for this world"),
        ((WORLD, CLOCK, "tiny-9-default", CLOCK, 9, {}), "another company"),
        ((WORLD, datetime(2026, 1, 2, tzinfo=UTC), WORLD, CLOCK, 1, {}), "Reset first"),
    ],
)
def test_at_another_clock_or_world_nothing_is_judged(classroom, row, words):
    classroom["value"] = row
    card = check("00-01", 100.25)
    assert card.state == "not checked"
    assert words in repr(card)
    assert "./taproom reset" in repr(card)
    assert notes.states() == {}


def test_an_unknown_exercise_is_said(monkeypatch):
    monkeypatch.undo()
    assert "there is no exercise" in repr(check("99-99", 1))


def test_hints_come_one_after_the_other():
    assert "First look." in repr(hint("00-01"))
    assert "Then think." in repr(hint("00-01"))
    assert "Then think." in repr(hint("00-01"))
    assert "First look." in repr(hint("00-01", 1))


def test_the_solution_is_the_code_of_the_solution_notebook(monkeypatch):
    monkeypatch.setattr(sources, "solution", lambda sheet: "mrr_usd = 1 < 2")
    card = solution("00-01")
    assert "mrr_usd = 1 < 2" in repr(card)
    assert "mrr_usd = 1 &lt; 2" in card._repr_html_()


def test_progress_remembers_the_best_state(monkeypatch):
    assert "0 of 1 correct" in repr(progress())
    check("00-01", 7)
    assert "incorrect" in repr(progress())
    check("00-01", 100.25)
    check("00-01", 7)
    assert "1 of 1 correct" in repr(progress())
    assert "<table>" in progress()._repr_html_()


@pytest.mark.parametrize(
    ("name", "value"), [("TAPROOM_PROGRESS", "off"), ("JPY_SESSION_NAME", "/x/solutions/05.ipynb")]
)
def test_runs_of_the_course_leave_no_progress(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    check("00-01", 100.25)
    assert notes.states() == {}
