"""Two made-up exercises, one of each kind, with answers of our own."""

import pandas as pd

from taproom.exercises import Column, Exercise, Expected, Misconception, seal

SALT = "made-up"


def misconception(name):
    return Misconception(name, f"You took {name}.", f"Why {name} is wrong.", f"Not {name}.")


NUMBER = Exercise(
    id="00-01",
    title="A number",
    notebook="00-sample",
    kind="number",
    columns=(Column("mrr_usd", "number", 2, meaning="MRR in USD"),),
    hints=("One.", "Two."),
    misconceptions=tuple(misconception(name) for name in ("trials", "list", "twin", "nothing")),
)
TABLE = Exercise(
    id="00-02",
    title="A table",
    notebook="00-sample",
    kind="table",
    columns=(
        Column("month", "month", is_key=True),
        Column("plan_tier", "text", is_key=True),
        Column("opening", "number", 2),
        Column("closing", "number", 2),
    ),
    hints=("One.",),
    misconceptions=tuple(misconception(name) for name in ("fx", "gross", "survivors")),
)


def number_frame(value):
    return pd.DataFrame({"mrr_usd": [value]})


def table_frame(opening, closing, months=("2025-01", "2025-02"), plan="growth"):
    return pd.DataFrame(
        {"month": list(months), "plan_tier": plan, "opening": opening, "closing": closing}
    )


def expected_number():
    return Expected(
        seal(NUMBER, number_frame(1234.56), SALT, coarse=True),
        {
            "trials": seal(NUMBER, number_frame(1300.00), SALT),
            "list": seal(NUMBER, number_frame(1500.25), SALT),
            "twin": seal(NUMBER, number_frame(1500.25), SALT),
        },
    )


def expected_table():
    right = table_frame([10.111, 20.222], [30.333, 40.444])
    return Expected(
        seal(TABLE, right, SALT, coarse=True),
        {
            "fx": seal(TABLE, table_frame([10.111, 20.222], [31.0, 41.0]), SALT),
            "gross": seal(TABLE, table_frame([11.0, 21.0], [30.333, 40.444]), SALT),
            "survivors": seal(TABLE, table_frame([10.111], [30.333], ["2025-01"]), SALT),
        },
    )
