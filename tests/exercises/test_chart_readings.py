"""A chart's rows are the answer whatever they are called and however they are laid out."""

import pandas as pd
import pytest

from taproom.exercises import (
    Column,
    Exercise,
    Expected,
    Misconception,
    Result,
    judge_results,
    readings,
    seal,
)

MONTHS = pd.to_datetime(["2025-01-01", "2025-01-01", "2025-02-01", "2025-02-01"], utc=True)
LONG = pd.DataFrame(
    {"month": MONTHS, "plan": ["Free", "Pro", "Free", "Pro"], "mrr_usd": [1.0, 20.0, 3.0, 40.0]}
)


def sheet(*columns, kind="table", **more):
    wrong = Misconception("added", "You added up.", "Why.", "Do not.")
    return Exercise("00-01", "T", "00-t", kind, columns, ("Look.",), (wrong,), **more)


BY_PLAN = sheet(
    Column("month", "month", is_key=True),
    Column("plan", "text", is_key=True),
    Column("mrr_usd", "number", 2),
    of="chart",
)
PAIR = sheet(
    Column("month", "month", is_key=True),
    Column("gained", "number"),
    Column("lost", "number"),
    of="chart",
)
ONE = sheet(Column("share", "number", 3), kind="number", of="chart")


def state(exercise, right, *frames, wrong=None, shows="rows"):
    sealed = Expected(
        seal(exercise, right, "salt", coarse=True),
        {"added": seal(exercise, wrong, "salt")} if wrong is not None else {},
    )
    verdict, found = judge_results(exercise, sealed, [Result(one, shows) for one in frames])
    return verdict, found


def test_other_names_another_order_and_more_columns_are_right():
    chart = pd.DataFrame(
        {
            "MRR in dollars": LONG["mrr_usd"],
            "rows": [7, 7, 7, 7],
            "Plan": LONG["plan"].str.upper(),
            "When": LONG["month"],
        }
    ).iloc[::-1]
    assert state(BY_PLAN, LONG, chart)[0].state == "correct"


@pytest.mark.parametrize("prefix", ["", "MRR, ", "sum__mrr, "])
def test_a_category_along_the_columns_is_right(prefix):
    wide = LONG.pivot(index="month", columns="plan", values="mrr_usd").reset_index()
    wide.columns = [wide.columns[0], *(prefix + name for name in wide.columns[1:])]
    assert state(BY_PLAN, LONG, wide)[0].state == "correct"


def test_measures_below_each_other_are_right():
    right = pd.DataFrame(
        {"month": ["2025-01", "2025-02"], "gained": [5, 6], "lost": [1, 2]},
    )
    below = right.melt(id_vars="month", var_name="what", value_name="customers")
    assert state(PAIR, right, below)[0].state == "correct"


def test_months_may_be_text_dates_or_times():
    for months in (MONTHS, MONTHS.date, MONTHS.strftime("%Y-%m"), MONTHS + pd.Timedelta(days=9)):
        assert state(BY_PLAN, LONG, LONG.assign(month=months))[0].state == "correct"


def test_a_big_number_shows_its_row_or_its_last():
    right = pd.DataFrame({"share": [0.5]})
    assert state(ONE, right, pd.DataFrame({"x": [0.5]}))[0].state == "correct"
    trend = pd.DataFrame({"day": MONTHS[::2], "x": [0.1, 0.5]})
    assert state(ONE, right, trend, shows="last")[0].state == "correct"
    assert state(ONE, right, trend)[0].state == "not attempted"


def test_a_known_mistake_is_named_and_a_right_chart_beside_it_wins():
    wrong = LONG.assign(mrr_usd=LONG["mrr_usd"] * 30)
    verdict, found = state(BY_PLAN, LONG, wrong, wrong=wrong)
    assert [one.id for one in verdict.misconceptions] == ["added"]
    assert found.frame is wrong
    assert state(BY_PLAN, LONG, wrong, LONG, wrong=wrong)[0].state == "correct"


def test_the_nearest_of_several_is_told_what_differs():
    far, near = (
        LONG.assign(mrr_usd=[9.0, 9.0, 9.0, 9.0]),
        LONG.assign(mrr_usd=[1.0, 20.0, 3.0, 9.0]),
    )
    verdict, found = state(BY_PLAN, LONG, far, near)
    assert verdict.state == "incorrect"
    assert found.frame is near
    assert "1 of 4 rows" in verdict.remarks[0]
    percent = LONG.assign(mrr_usd=LONG["mrr_usd"] * 100)
    assert "hundred times" in state(BY_PLAN, LONG, percent)[0].remarks[0]


def test_what_has_not_the_shape_is_no_attempt():
    for frame in (pd.DataFrame(), pd.DataFrame({"x": [1.0]}), LONG[["plan"]]):
        assert state(BY_PLAN, LONG, frame)[0].state == "not attempted"
    assert state(BY_PLAN, LONG)[0].state == "not attempted"


def test_no_chart_is_read_in_more_ways_than_a_check_has_time_for():
    wide = pd.DataFrame({f"n{number}": [1.0] * 4 for number in range(20)}).assign(month=MONTHS)
    assert sum(1 for _ in readings(PAIR, Result(wide))) <= 400


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (("<", 0.9), None),
        (("<=", 0.9), None),
        ((">", 0.9), "> 0.9"),
        (("<", 0.8), "< 0.8"),
        (None, "no such condition"),
    ],
)
def test_an_alert_has_to_fire_when_it_is_asked_to(condition, words):
    exercise = sheet(Column("share", "number", 3), kind="number", of="alert", condition=("<", 0.9))
    right = pd.DataFrame({"share": [0.5]})
    sealed = Expected(seal(exercise, right, "salt"), {})
    verdict, _ = judge_results(exercise, sealed, [Result(right, condition=condition)])
    assert verdict.state == ("incorrect" if words else "correct")
    assert words is None or words in verdict.remarks[0]
