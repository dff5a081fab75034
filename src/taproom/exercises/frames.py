"""Whatever a learner hands in, as one pandas frame with the exercise's columns.

Accepted: a scalar for a number; for a table a pandas, polars or Arrow frame, a Series, a dict, or a
list of dicts. The index counts as columns when it has a name. Order of columns and rows is no
matter; columns that were not asked for are dropped.
"""

from __future__ import annotations

import difflib
from decimal import Decimal
from typing import Any

import pandas as pd

from taproom.exercises import canonical
from taproom.exercises.book import Column, Exercise


class Shapeless(Exception):
    """The answer cannot be laid beside the expected shape; the message says how they differ."""


def to_frame(exercise: Exercise, answer: Any, *, may_be_empty: bool = False) -> pd.DataFrame:
    """The answer as a frame of canonical-ready values, columns in the exercise's order."""
    frame = _number(exercise, answer) if exercise.kind == "number" else _table(exercise, answer)
    if frame.empty and not may_be_empty:
        raise Shapeless("The columns are right, but the table has no rows: look at the filters.")
    for column in exercise.columns:
        _refuse_wrong_kind(column, frame[column.name])
    return frame


def _number(exercise: Exercise, answer: Any) -> pd.DataFrame:
    column = exercise.columns[0]
    answer = _plain(answer)
    if isinstance(answer, pd.DataFrame | pd.Series):
        if answer.size != 1:
            raise Shapeless(
                f"One number is asked for ({column.meaning or column.name}); "
                f"this is a table of {len(answer)} rows. Reduce it to one value."
            )
        answer = answer.to_numpy().ravel()[0]
    elif isinstance(answer, dict | list | tuple | set):
        if len(answer) != 1:
            raise Shapeless(
                f"One number is asked for ({column.meaning or column.name}); "
                f"this is a {type(answer).__name__} with {len(answer)} values."
            )
        answer = next(iter(answer.values() if isinstance(answer, dict) else answer))
        return _number(exercise, answer)
    return pd.DataFrame({column.name: pd.Series([answer], dtype=object)})


def _table(exercise: Exercise, answer: Any) -> pd.DataFrame:
    frame = _as_frame(exercise, _plain(answer))
    frame = frame.reset_index() if _named_index(frame) else frame.reset_index(drop=True)
    names = {str(name).strip().casefold(): name for name in frame.columns}
    absent = [one.name for one in exercise.columns if one.name.casefold() not in names]
    if absent:
        raise Shapeless(_about_names(exercise, absent, [str(name) for name in frame.columns]))
    frame = pd.DataFrame(
        {one.name: frame[names[one.name.casefold()]].astype(object) for one in exercise.columns}
    )
    keys = [one.name for one in exercise.keys]
    if not keys and len(frame) > 1:
        raise Shapeless(f"One row is asked for; this table has {len(frame)}.")
    return frame


def _as_frame(exercise: Exercise, answer: Any) -> pd.DataFrame:
    if isinstance(answer, pd.DataFrame):
        return answer
    keys, measures = exercise.keys, exercise.measures
    if isinstance(answer, pd.Series):
        if len(measures) == 1 and len(keys) == answer.index.nlevels:
            levels = answer.index.to_frame(index=False)
            levels.columns = [one.name for one in keys]
            return levels.assign(**{measures[0].name: list(answer)})
        if not keys:
            return pd.DataFrame([answer.to_dict()])
    if isinstance(answer, dict):
        if any(isinstance(value, list | tuple | pd.Series) for value in answer.values()):
            return pd.DataFrame(answer)
        if not keys:
            return pd.DataFrame([answer])
        if len(keys) == 1 and len(measures) == 1:
            return pd.DataFrame(
                {keys[0].name: list(answer.keys()), measures[0].name: list(answer.values())}
            )
    if isinstance(answer, list) and answer and all(isinstance(row, dict) for row in answer):
        return pd.DataFrame(answer)
    expected = ", ".join(one.name for one in exercise.columns)
    raise Shapeless(
        f"A table is asked for, with the columns {expected}; this is a {type(answer).__name__}."
    )


def _plain(answer: Any) -> Any:
    """Frames of other libraries as pandas' own."""
    if isinstance(answer, pd.DataFrame | pd.Series):
        return answer
    for method in ("to_pandas", "DataFrame", "df"):  # polars and Arrow, jupysql, duckdb
        if not isinstance(answer, type) and callable(getattr(answer, method, None)):
            return getattr(answer, method)()
    return answer


def _named_index(frame: pd.DataFrame) -> bool:
    return any(name is not None for name in frame.index.names)


def _about_names(exercise: Exercise, absent: list[str], present: list[str]) -> str:
    wanted = {one.name for one in exercise.columns}
    spare = [name for name in present if name.strip().casefold() not in wanted]
    parts = []
    for name in absent:
        near = difflib.get_close_matches(name, spare, n=1, cutoff=0.6)
        parts.append(f"{name} is missing" + (f" (is it your {near[0]}?)" if near else ""))
    asked = ", ".join(one.name for one in exercise.columns)
    return (
        f"The columns differ: {'; '.join(parts)}. Asked for: {asked}. Yours: {', '.join(present)}."
    )


_KINDS_IN_WORDS = {
    "number": "numbers",
    "date": "dates",
    "month": "months (any date inside the month, or text like 2025-03)",
    "quarter": "quarters (any date inside the quarter, or text like 2025-Q1)",
    "text": "text",
    "boolean": "true or false",
}


def _refuse_wrong_kind(column: Column, values: pd.Series) -> None:
    for value in values:
        try:
            canonical.spellings(value, column.kind, column.digits)
        except canonical.NotThatKind:
            raise Shapeless(
                f"The column {column.name} should hold {_KINDS_IN_WORDS[column.kind]}; "
                f"a value of yours is {_in_words(value)}."
            ) from None


def _in_words(value: Any) -> str:
    kind = "a number" if isinstance(value, int | float | Decimal) else type(value).__name__
    return f"{kind}: {value!r}" if len(repr(value)) < 40 else kind
