"""Every exercise on two companies: solutions pass, placeholders wait, misconceptions are named."""

import random
import time

import pandas as pd
import psycopg
import pytest
import sqlalchemy
from wrong_charts import RIGHT, WRONG
from wrong_roads import ROADS

from taproom import answers, settings
from taproom.answers.landing import Landing
from taproom.answers.table import TABLE, asked_at
from taproom.classroom import check, connect, sources, store
from taproom.exercises import Result, load
from taproom.services import postgres

# Labs need a running Superset: test_labs.py. Their questions are tried here as well.
NOTEBOOKS = sorted({sheet.notebook for sheet in load().values() if sheet.of == "notebook"})
# In a company of a hundred these need luck: the wrong road mostly leads to the right figure.
# Each of them must part in at least one of the two companies, save for those marked below.
ONLY_IN_LARGER_COMPANIES = {("05-06", "once_counted"), ("06-03", "every_end_counted")}
parted: set[tuple[str, str]] = set()
tried: dict[tuple[str, str], set[str]] = {}


def run(folder, notebook):
    """The code cells of a notebook, one after the other; the cards of its checks by exercise."""
    cards, names = {}, {}
    for cell in sources.read(settings.repo() / folder / f"{notebook}.ipynb")["cells"]:
        text = sources.code(cell)
        if cell["cell_type"] != "code":
            continue
        if text.startswith("check("):
            card = eval(text, names)
            cards[card.title.split()[0]] = card
        else:
            exec(text, names)
    return cards


def of(notebook):
    return [name for name, sheet in load().items() if sheet.notebook == notebook]


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_every_solution_is_correct(classroom, notebook):
    cards = run("solutions", notebook)
    assert {name: card.state for name, card in cards.items()} == dict.fromkeys(
        of(notebook), "correct"
    )


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_every_untouched_exercise_is_not_attempted(classroom, notebook):
    cards = run("exercises", notebook)
    assert {name: card.state for name, card in cards.items()} == dict.fromkeys(
        of(notebook), "not attempted"
    )


def read(text):
    with connect().connect() as connection:
        return pd.read_sql(sqlalchemy.text(text), connection)


class Drawn:
    """Rows as a learner's charts return them: called as they happen to be called."""

    kind, notes = "chart", ()

    def __init__(self, exercise, frame):
        self.found = Result(frame, title="mine", condition=load()[exercise].condition)

    def results(self):
        yield self.found


def drawn(exercise, text):
    return lambda read: Drawn(exercise, read(text))


ROADS |= {key: drawn(key[0], text) for key, text in WRONG.items()}


@pytest.mark.parametrize("exercise", sorted(RIGHT))
def test_every_right_chart_is_correct_however_it_is_laid_out(classroom, exercise):
    for text in RIGHT[exercise]:
        assert check(exercise, Drawn(exercise, read(text))).state == "correct", text


@pytest.mark.parametrize(("exercise", "misconception"), sorted(ROADS))
def test_every_misconception_is_named(classroom, exercise, misconception):
    """A wrong road is recognised wherever it does not happen to lead to the right figure."""
    card = check(exercise, ROADS[exercise, misconception](read))
    sealed = store.fetch(exercise).expected
    tried.setdefault((exercise, misconception), set()).add(classroom.database)
    if misconception not in sealed.wrong:
        assert card.state == "correct"
        return
    parted.add((exercise, misconception))
    assert card.state == "incorrect"
    assert misconception in card.misconceptions
    # Others may be named beside it only if their answers cannot be told apart in this company.
    twins = [
        one
        for one in card.misconceptions
        if not answers.agree(sealed.wrong[one], sealed.wrong[misconception])
    ]
    assert not twins


def test_every_misconception_has_a_road():
    known = {(name, one.id) for name, sheet in load().items() for one in sheet.misconceptions}
    assert set(ROADS) == known
    assert all(len(sheet.misconceptions) >= 3 for sheet in load().values())


def test_every_misconception_parts_from_the_right_answer_somewhere():
    """Runs after the ones above: which roads were ever seen to be wrong."""
    if any(len(companies) < 2 for companies in tried.values()) or not tried:
        pytest.skip("needs both companies")
    assert set(ROADS) - parted <= ONLY_IN_LARGER_COMPANIES


def test_no_check_can_only_pass(classroom):
    """Another company's answer, and figures drawn at random, are wrong everywhere."""
    draw = random.Random(5)
    for name, sheet in load().items():
        frame = pd.DataFrame(
            {
                one.name: [
                    "growth"
                    if one.kind == "text"
                    else pd.Timestamp("2025-01-01")
                    if one.kind in ("month", "quarter", "date")
                    else draw.uniform(1, 1000)
                ]
                for one in sheet.columns
            }
        )
        answer = frame.iloc[0, 0] if sheet.kind == "number" else frame
        assert check(name, answer).state == "incorrect", name


def test_a_check_takes_less_than_a_second(classroom):
    began = time.perf_counter()
    for name in load():
        check(name, 1.0)
    assert (time.perf_counter() - began) / len(load()) < 1


def test_at_another_clock_the_check_asks_for_a_reset(classroom):
    dsn = postgres.url(settings.OWNER, classroom.database)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("update ops.clock set as_of = as_of + interval '1 day'")
        try:
            card = check("05-01", 1.0)
        finally:
            connection.execute("update ops.clock set as_of = as_of - interval '1 day'")
    assert card.state == "not checked"
    assert "Reset first" in repr(card)


def test_a_learner_reads_digests_and_writes_none(classroom):
    url = postgres.url(settings.LEARNER, classroom.database)
    with psycopg.connect(url, autocommit=True) as connection:
        assert connection.execute("select count(*) from ops.answer").fetchone() == (len(load()),)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("delete from ops.answer")


def test_what_is_stored_holds_no_answer(classroom):
    plain = answers.compute(classroom.root)
    with psycopg.connect(postgres.url(settings.OWNER, classroom.database)) as connection:
        stored = dict(connection.execute("select exercise, digests::text from ops.answer"))
    for name, answer in plain.items():
        for value in answer.right.to_pandas().select_dtypes("number").to_numpy().ravel():
            assert len(f"{value:.2f}") < 6 or f"{value:.2f}" not in stored[name]


def test_writing_twice_changes_nothing_and_a_later_clock_writes_nothing(classroom, monkeypatch):
    dsn = postgres.url(settings.OWNER, classroom.database)

    def stored():
        with psycopg.connect(dsn) as connection:
            return connection.execute("select * from ops.answer order by 1").fetchall()

    before = stored()
    assert answers.write(classroom.root, dsn) == len(before)
    assert stored() == before
    landing = Landing.of(classroom.root)
    assert asked_at(landing) == landing.as_of
    later = {**landing.manifest, "as_of": "2026-01-02T00:00:00+00:00"}
    monkeypatch.setattr(Landing, "of", lambda root: Landing(landing.root, later))
    assert answers.write(classroom.root, dsn) == 0
    assert "if not exists" in TABLE
