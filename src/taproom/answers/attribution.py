"""The answers of notebook 11: attribution and its limits."""

from __future__ import annotations

from datetime import timedelta
from math import exp, log, sqrt

import polars as pl

from taproom.answers.answer import Answer, answers, number
from taproom.answers.days import Book
from taproom.answers.marketing import holdout, leads, visits

Z, POWER = 1.96, 0.84
POINTS = 0.05  # difference that is to be found


def _group(found: pl.DataFrame, group: str | None) -> tuple[int, int]:
    """Leads of a group of the lift test (None: outside it), and how many signed up."""
    rows = found.filter(pl.col("group").is_null() if group is None else pl.col("group") == group)
    return len(rows), int(rows["has_signed_up"].sum())


def _interval(difference: float, low: float, high: float) -> pl.DataFrame:
    return pl.DataFrame({"difference": [difference], "low": [low], "high": [high]})


def _share(n: int, k: int) -> float:
    return k / n if n else 0.0


def _lift(one: tuple[int, int], two: tuple[int, int]) -> tuple[float, float, float]:
    """Difference of shares, with its interval by Agresti and Caffo."""
    (n, k), (m, j) = one, two
    p, q = (k + 1) / (n + 2), (j + 1) / (m + 2)
    error = sqrt(p * (1 - p) / (n + 2) + q * (1 - q) / (m + 2))
    return _share(n, k) - _share(m, j), p - q - Z * error, p - q + Z * error


@answers("11-01")
def lift_test(book: Book) -> Answer:
    found = leads(book)
    mailed, held, outside = (_group(found, name) for name in ("mailed", "holdout", None))
    right = _lift(mailed, held)
    base = _share(*held) or 1.0
    n, k = mailed
    p = (k + 1) / (n + 2)
    alone = Z * sqrt(p * (1 - p) / (n + 2))
    middle = (right[1] + right[2]) / 2
    return Answer(
        _interval(*right),
        {
            "outsiders_as_control": _interval(*_lift(mailed, outside)),
            "relative": _interval(*(value / base for value in right)),
            "one_group": _interval(right[0], middle - alone, middle + alone),
        },
    )


@answers("11-02")
def geo_holdout(book: Book) -> Answer:
    markets, weeks = holdout(book)
    people = visits(book).filter(
        ~(pl.col("is_machine") | pl.col("is_office") | pl.col("is_login")),
        pl.col("region").is_not_null(),
    )
    goals = people.select(
        "country",
        "region",
        week=pl.col("date").dt.truncate("1w"),
        goals=pl.col("is_lead").cast(pl.Int64) + pl.col("is_sign_up").cast(pl.Int64),
    ).join(markets.with_columns(treated=pl.lit(True)), on=["country", "region"], how="left")
    treated = pl.col("treated").is_not_null()

    def count(who: pl.Expr, when: pl.Expr) -> int:
        return int(goals.filter(who, when)["goals"].sum()) if weeks else 0

    first = min(weeks) if weeks else None
    during = pl.col("week").is_between(first, max(weeks)) if weeks else pl.lit(False)
    before = (
        pl.col("week").is_between(first - timedelta(weeks=26), first - timedelta(weeks=1))
        if weeks
        else pl.lit(False)
    )
    a, b = count(treated, during) + 0.5, count(treated, before) + 0.5
    c, d = count(~treated, during) + 0.5, count(~treated, before) + 0.5

    def ratio(value: float, error: float) -> pl.DataFrame:
        ends = [exp(log(value) + sign * error) for sign in (0, -1, 1)]
        return pl.DataFrame({"ratio": [ends[0]], "low": [ends[1]], "high": [ends[2]]})

    error = sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    spell = max(len(weeks), 1)
    return Answer(
        ratio(a / b / (c / d), Z * error),
        {
            "before_and_after": ratio(a / spell / (b / 26), Z * sqrt(1 / a + 1 / b)),
            "one_error": ratio(a / b / (c / d), error),
            "treated_counts_only": ratio(a / b / (c / d), Z * sqrt(1 / a + 1 / b)),
        },
    )


@answers("11-03")
def size_of_a_test(book: Book) -> Answer:
    share = _share(*_group(leads(book), "holdout"))

    def needed(z: float, difference: float, groups: int = 2) -> pl.DataFrame:
        other = share + difference
        spread = share * (1 - share) + (other * (1 - other) if groups == 2 else 0.0)
        return number("leads", z**2 * spread / difference**2 if difference else 0.0)

    return Answer(
        needed(Z + POWER, POINTS),
        {
            "no_power": needed(Z, POINTS),
            "one_group": needed(Z + POWER, POINTS, groups=1),
            "relative": needed(Z + POWER, POINTS * share),
        },
    )
