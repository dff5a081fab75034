"""One spelling for every value, whatever it came as."""

from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from taproom.exercises import canonical


@pytest.mark.parametrize(
    "value",
    [12.5, Decimal("12.50"), np.float64(12.5), np.array(12.5), Decimal("12.5000000001")],
)
def test_a_number_is_a_number(value):
    assert canonical.spellings(value, "number", 2) == ["12.50"]


def test_integers_of_any_make_agree():
    assert {
        tuple(canonical.spellings(one, "number")) for one in (7, 7.0, np.int64(7), Decimal(7))
    } == {("7",)}


def test_a_value_near_a_boundary_has_both_neighbours():
    assert set(canonical.spellings(2.675, "number", 2)) == {"2.67", "2.68"}
    assert set(canonical.spellings(Decimal("2.6749999"), "number", 2)) == {"2.67", "2.68"}
    assert canonical.spellings(2.671, "number", 2) == ["2.67"]


def test_zero_has_no_sign():
    assert canonical.spellings(-0.0001, "number", 2) == ["0.00"]


@pytest.mark.parametrize(
    "value",
    [
        "2025-03",
        "2025-03-01",
        date(2025, 3, 31),
        datetime(2025, 3, 1),
        pd.Timestamp("2025-03-31", tz="UTC"),
        pd.Period("2025-03", "M"),
        np.datetime64("2025-03-01"),
    ],
)
def test_a_month_is_a_month(value):
    assert canonical.spellings(value, "month") == ["2025-03"]


@pytest.mark.parametrize(
    "value", ["2025-Q1", "2025Q1", date(2025, 2, 14), pd.Period("2025Q1", "Q")]
)
def test_a_quarter_is_a_quarter(value):
    assert canonical.spellings(value, "quarter") == ["2025-Q1"]


def test_text_ignores_case_and_blanks():
    assert canonical.spellings("  Growth ", "text") == canonical.spellings("growth", "text")


@pytest.mark.parametrize("value", [None, float("nan"), pd.NA, pd.NaT, Decimal("NaN")])
def test_what_is_missing_is_missing(value):
    assert canonical.spellings(value, "number", 2) == [canonical.MISSING]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("12", "number"),
        (True, "number"),
        (float("inf"), "number"),
        (12, "text"),
        (1, "boolean"),
        ("March", "month"),
        (202503, "month"),
        ("yesterday", "date"),
    ],
)
def test_another_kind_is_refused(value, kind):
    with pytest.raises(canonical.NotThatKind):
        canonical.spellings(value, kind)
