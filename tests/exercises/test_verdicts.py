"""The judge: right, wrong in a known way, wrong in shape, not attempted. And it can fail."""

import random
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest
from exercise_samples import NUMBER, TABLE, expected_number, expected_table, table_frame

from taproom.exercises import CORRECT, INCORRECT, NOT_ATTEMPTED, Expected, judge

RIGHT = {"opening": [10.111, 20.222], "closing": [30.333, 40.444]}


OF_NUMBER, OF_TABLE = expected_number(), expected_table()


def on_number(answer):
    return judge(NUMBER, OF_NUMBER, answer)


def on_table(answer):
    return judge(TABLE, OF_TABLE, answer)


@pytest.mark.parametrize("answer", [..., None, {"mrr_usd": ...}, [...], (None,), {}])
def test_the_untouched_placeholder_is_not_attempted(answer):
    assert on_number(answer).state == NOT_ATTEMPTED
    assert on_table(answer).state == NOT_ATTEMPTED


@pytest.mark.parametrize(
    "answer",
    [
        1234.56,
        Decimal("1234.56"),
        Decimal("1234.559999999"),
        np.float64(1234.5601),
        np.array([1234.56]),
        pd.Series([1234.56]),
        pd.DataFrame({"sum": [1234.56]}),
        [1234.56],
        {"anything": 1234.56},
        pl.DataFrame({"sum": [1234.56]}),
    ],
)
def test_the_right_number_in_any_wrapping(answer):
    assert on_number(answer).state == CORRECT


def test_the_right_table_in_any_order_and_make():
    right = table_frame(**RIGHT)
    shuffled = right.iloc[::-1][["closing", "plan_tier", "opening", "month"]]
    indexed = right.set_index(["month", "plan_tier"])
    dated = right.assign(month=pd.to_datetime(right["month"]), extra="left over")
    spelt = right.rename(columns=str.upper).assign(PLAN_TIER="Growth ")
    for answer in (right, shuffled, indexed, dated, spelt, right.to_dict("records")):
        assert on_table(answer).state == CORRECT
    assert on_table(right.to_dict("list")).state == CORRECT
    assert on_table(pl.from_pandas(right)).state == CORRECT


def test_a_right_answer_at_a_rounding_boundary_passes_from_both_sides():
    from exercise_samples import SALT, number_frame

    from taproom.exercises import seal

    expected = Expected(seal(NUMBER, number_frame(Decimal("2.675")), SALT), {})
    for answer in (2.67, 2.68, 2.675, 2.6750000001, 2.6749999999):
        assert judge(NUMBER, expected, answer).state == CORRECT
    for answer in (2.66, 2.69):
        assert judge(NUMBER, expected, answer).state == INCORRECT


def test_a_known_road_is_named():
    verdict = on_number(1300)
    assert verdict.state == INCORRECT
    assert [one.id for one in verdict.misconceptions] == ["trials"]


def test_two_roads_to_one_answer_are_both_named():
    assert [one.id for one in on_number(1500.25).misconceptions] == ["list", "twin"]


def test_a_road_is_recognised_by_its_column_alone():
    """Two misconceptions at once, each in its own column."""
    assert [one.id for one in on_table(table_frame([11, 21], [31, 41])).misconceptions] == [
        "fx",
        "gross",
    ]


def test_a_column_nobody_explains_leaves_the_others_unnamed():
    verdict = on_table(table_frame([11, 21], [77, 78]))
    assert not verdict.misconceptions
    assert any("closing" in remark for remark in verdict.remarks)


def test_missing_rows_of_a_known_road():
    verdict = on_table(table_frame([10.11], [30.33], ["2025-01"]))
    assert [one.id for one in verdict.misconceptions] == ["survivors"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (12345.6 * 10, "hundred times too large"),
        (12.3456, "hundred times too small"),
        (-1234.56, "wrong sign"),
        (1234.6, "rounded to 1 decimals"),
        (1234.58, "agrees to 1 decimals"),
        ("1234.56", "should hold numbers"),
        (pd.DataFrame({"a": [1, 2]}), "a table of 2 rows"),
        ([1, 2], "with 2 values"),
        (True, "should hold numbers"),
    ],
)
def test_slips_and_shapes_of_a_number(answer, words):
    verdict = on_number(answer)
    assert verdict.state == INCORRECT
    assert words in " ".join(verdict.remarks)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (5, "A table is asked for"),
        (table_frame(**RIGHT).drop(columns="closing"), "closing is missing"),
        (table_frame(**RIGHT).rename(columns={"closing": "closings"}), "is it your closings?"),
        (table_frame(**RIGHT).head(0), "no rows"),
        (table_frame([10.11], [30.0], ["2025-01"]), "One row is expected and not there"),
        (table_frame(**RIGHT, months=["2025-01", "2025-03"]), "not expected (2025-03 / growth)"),
        (table_frame(**RIGHT, months=["2025-01", "2025-01"]), "more than once"),
        (table_frame([10.11, 20.22], [30.33, 9]), "closing differs in 1 of 2 rows"),
        (table_frame([10.11, 20.22], [30.33, 9]), "Right already: opening"),
        (table_frame(["a", "b"], [1, 2]), "opening should hold numbers"),
        (table_frame([-10.11, -20.22], [30.33, 40.44]), "wrong sign"),
    ],
)
def test_what_is_said_about_a_table(answer, words):
    verdict = on_table(answer)
    assert verdict.state == INCORRECT
    assert words in " ".join(verdict.remarks)


def test_no_check_can_only_pass():
    """Random answers are wrong, and say so without naming a road."""
    draw = random.Random(7)
    for _ in range(100):
        verdict = on_number(draw.uniform(-5000, 5000))
        assert verdict.state == INCORRECT
        assert not verdict.misconceptions
        table = table_frame([draw.uniform(0, 99), 1], [draw.uniform(0, 99), 2])
        assert on_table(table).state == INCORRECT


def test_nothing_a_learner_hands_in_raises():
    for answer in (object(), int, "text", b"bytes", {"a": {"b": 1}}, [[1], [2]], float("nan"), 1j):
        assert on_number(answer).state == INCORRECT
        assert on_table(answer).state == INCORRECT


def test_what_is_sealed_holds_no_value():
    expected = expected_number().to_json()
    text = repr(expected)
    assert "1234" not in text
    assert "1300" not in text
    again = Expected.from_json(expected)
    assert judge(NUMBER, again, 1234.56).state == CORRECT


def test_where_nothing_is_expected_an_empty_table_is_right():
    from exercise_samples import SALT

    from taproom.exercises import seal

    nothing = Expected(seal(TABLE, table_frame([], [], []), SALT), {})
    assert judge(TABLE, nothing, table_frame([], [], [])).state == CORRECT
    assert judge(TABLE, nothing, table_frame(**RIGHT)).state == INCORRECT
