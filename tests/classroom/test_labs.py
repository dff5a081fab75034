"""The labs end to end: charts made in a real Superset, found again, run and judged.

What a learner does by hand the solutions do by the same REST API. A solution's charts pass; each
wrong road drawn as a chart is named; what did not come from this learner does not count.
"""

import pandas as pd
import pytest
import sqlalchemy
from wrong_charts import RIGHT, WRONG

from taproom import settings
from taproom.classroom import Superset, check, connect, drawing, sources, store
from taproom.exercises import load
from taproom.services import postgres

LABS = {name: sheet for name, sheet in load().items() if sheet.of != "notebook"}
NOTEBOOKS = sorted({sheet.notebook for sheet in LABS.values()})


@pytest.fixture
def learner(classroom, superset_up):
    """A learner's Superset that stands on this company's tables; what was drawn is removed."""
    with postgres.connect(postgres.SUPERUSER, classroom.database) as connection:
        connection.execute(f"grant connect on database {classroom.database} to {settings.SUPERSET}")
    superset = Superset()
    address = postgres.url(settings.SUPERSET, classroom.database)
    body = {
        "database_name": drawing.DATABASE,
        "sqlalchemy_uri": address.replace("postgresql://", "postgresql+psycopg2://"),
    }
    for one in superset.client.all("database"):
        if one["database_name"] == drawing.DATABASE:
            pytest.skip("another test's database stands in this Superset")
    made = superset.client.post("database/", body)["id"]
    yield superset
    superset.tidy()
    for kind in ("report", "chart", "dataset"):
        for one in superset.client.all(kind):
            superset.client.delete(f"{kind}/{one['id']}")
    superset.client.delete(f"database/{made}")


def run(folder, notebook):
    """The cards of the checks of a notebook by exercise."""
    cards, names = {}, {}
    for cell in sources.read(settings.repo() / folder / f"{notebook}.ipynb")["cells"]:
        text = sources.code(cell)
        if cell["cell_type"] == "code" and text.startswith("check("):
            card = eval(text, names)
            cards[card.title.split()[0]] = card
        elif cell["cell_type"] == "code":
            exec(text, names)
    return cards


def states(cards):
    return {name: card.state for name, card in cards.items()}


def of(notebook):
    return [name for name, sheet in LABS.items() if sheet.notebook == notebook]


def draw(superset, name, text):
    """A learner's chart (or alert) on a query, under names that say nothing.

    Where no column is of text, the columns' names may be the category: they stay.
    """
    with connect().connect() as connection:
        frame = pd.read_sql(sqlalchemy.text(text), connection)
    numbers = [one for one in frame.columns if pd.api.types.is_numeric_dtype(frame[one])]
    category = len(numbers) > 1 and not any(
        isinstance(value, str) for one in frame.columns for value in frame[one].dropna().head(1)
    )
    chart = superset.draw(
        "Untitled",
        sql=text,
        metrics={
            one if category else f"metric {number}": f'sum("{one}")'
            for number, one in enumerate(numbers)
        },
        by=[one for one in frame.columns if one not in numbers],
    )
    if LABS[name].of == "alert":
        operator, threshold = LABS[name].condition
        superset.alert("Alert", sql=text, operator=operator, threshold=threshold, chart=chart)
        return superset.my_alerts
    return superset.my_charts


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_lab_is_open_until_the_learner_has_drawn_and_solved_by_its_solution(learner, notebook):
    assert states(run("exercises", notebook)) == dict.fromkeys(of(notebook), "not attempted")
    assert states(run("solutions", notebook)) == dict.fromkeys(of(notebook), "correct")
    assert not list(learner.client.all("chart")), "solutions remove what they made"


@pytest.mark.parametrize(("name", "misconception"), sorted(WRONG))
def test_a_wrong_chart_is_told_which_mistake_it_is(learner, name, misconception):
    card = check(name, draw(learner, name, WRONG[name, misconception]))
    if misconception not in store.fetch(name).expected.wrong:
        assert card.state == "correct"  # in this company the wrong road leads to the right figure
        return
    assert card.state == "incorrect"
    assert misconception in card.misconceptions
    assert "Looked at: your" in repr(card)


@pytest.mark.parametrize("name", sorted(RIGHT))
def test_a_right_chart_is_right_however_it_is_laid_out(learner, name):
    for text in RIGHT[name]:
        assert check(name, draw(learner, name, text)).state == "correct", text
        learner.tidy()


def test_charts_that_another_notebook_drew_by_code_are_no_work_of_the_learner(learner):
    draw(learner, "17-02", RIGHT["17-02"][0])
    assert check("17-02", Superset().my_charts).state == "not attempted"
    assert check("17-02", learner.my_charts).state == "correct"


def test_a_right_answer_to_one_question_is_no_attempt_at_another(learner):
    draw(learner, "17-02", RIGHT["17-02"][0])
    assert check("20-01", learner.my_charts).state == "not attempted"


def test_a_chart_that_fails_or_is_empty_is_named(learner):
    learner.draw("Of last month", on="entities.entity_customers_daily",
                 metrics={"n": "count(*)"}, by=["country"], where="date > now()")  # fmt: skip
    learner.draw("Broken", on="entities.entity_customers_daily",
                 metrics={"n": "sum(no_such_column)"})  # fmt: skip
    card = check("17-02", learner.my_charts)
    assert card.state == "not attempted"
    assert 'Your chart "Of last month" returns no rows' in repr(card)
    assert 'Your chart "Broken" fails' in repr(card)


def test_an_alert_with_the_right_value_and_the_wrong_condition_says_so(learner):
    work = draw(learner, "22-02", RIGHT["22-02"][0])
    assert check("22-02", work).state == "correct"
    learner.tidy()
    chart = learner.draw("Any", on="entities.entity_customers", metrics={"n": "count(*)"})
    learner.alert("Alert", sql=RIGHT["22-02"][0], operator=">", threshold=-0.02, chart=chart)
    card = check("22-02", learner.my_alerts)
    assert card.state == "incorrect"
    assert "Yours fires when it is > -0.02" in " ".join(repr(card).split())


def test_an_alert_that_asks_the_computer_for_the_day_is_told(learner):
    chart = learner.draw("Any", on="entities.entity_customers", metrics={"n": "count(*)"})
    learner.alert("Today", operator="<", threshold=-0.02, chart=chart,
                  sql="select sum(mrr_usd) as mrr from entities.entity_customers_daily"
                      " where date = current_date")  # fmt: skip
    card = check("22-02", learner.my_alerts)
    assert card.state == "not attempted"
    assert "looks at nothing" in repr(card)
