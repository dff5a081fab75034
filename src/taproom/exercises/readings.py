"""What a chart returns, read as the answer to an exercise: by its values, never by its names.

A chart calls its columns as it likes, lays a category along its rows or along its columns, and may
carry more than was asked for. Every way of reading its rows as the exercise's columns is tried, and
the one that comes nearest decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice, permutations, product
from typing import Any

import pandas as pd

from taproom.exercises import canonical
from taproom.exercises.book import Column, Exercise
from taproom.exercises.frames import Shapeless, to_frame
from taproom.exercises.judge import CORRECT, INCORRECT, NOT_ATTEMPTED, Expected, Verdict, judge
from taproom.exercises.seal import compare

# A chart that answers a question for people has fewer rows than this, and fewer ways to be read.
LARGEST = 1_000
MOST_READINGS = 60


@dataclass(frozen=True)
class Result:
    """Rows of one query of a chart; `shows` is "last" where the chart shows its last row only.

    Columns of time hold datetimes in UTC. `condition` is an alert's: operator and threshold.
    """

    frame: pd.DataFrame
    shows: str = "rows"
    title: str = ""
    condition: tuple[str, float] | None = None


def readings(exercise: Exercise, result: Result) -> Iterator[pd.DataFrame]:
    """Every frame with the exercise's columns that the result can be read as."""
    frame = result.frame
    if frame.empty or len(frame) > LARGEST:
        return
    if exercise.kind == "number":
        row = _shown(frame, result.shows)
        for name in frame.columns if row is not None else ():
            if _fits(exercise.columns[0], frame[name]):
                yield pd.DataFrame({exercise.columns[0].name: [row[name]]})
        return
    for laid_out in (frame, *_long(exercise, frame), *_wide(exercise, frame)):
        yield from islice(_named(exercise, laid_out), MOST_READINGS)


def judge_results(
    exercise: Exercise, expected: Expected, results: Iterable[Result]
) -> tuple[Verdict, Result | None]:
    """The verdict on the result that comes nearest, with that result.

    Right before a known misconception, that before any other; `not attempted` when no result has
    the shape of an answer.
    """
    nearest: tuple[tuple, pd.DataFrame, Result] | None = None
    known: tuple[Verdict, Result] | None = None
    silent: tuple[Verdict, Result] | None = None
    for result in results:
        for frame in readings(exercise, result):
            try:
                plain = to_frame(exercise, _plain(exercise, frame))
            except Shapeless:
                continue
            found = compare(exercise, plain, expected.right)
            if found.equal:
                remark = _about_condition(exercise.condition, result.condition)
                if remark is None:
                    return Verdict(CORRECT), result
                silent = Verdict(INCORRECT, remarks=(remark,)), result
                continue
            if known is None:
                verdict = judge(exercise, expected, _plain(exercise, frame))
                if verdict.misconceptions:
                    known = verdict, result
            away = found.missing + len(found.unexpected) + len(found.repeated)
            rank = (away, sum(map(len, found.differing.values())))
            if nearest is None or rank < nearest[0]:
                nearest = rank, frame, result
    if silent or known:
        return silent or known
    if nearest is None:
        return Verdict(NOT_ATTEMPTED), None
    _, frame, result = nearest
    verdict = judge(exercise, expected, _plain(exercise, frame))
    return Verdict(INCORRECT, verdict.misconceptions, verdict.remarks), result


def _about_condition(
    wanted: tuple[str, float] | None, found: tuple[str, float] | None
) -> str | None:
    """What is wrong with when an alert fires, None if nothing is; at the threshold it may."""
    if wanted is None:
        return None
    name = f"The value is right; the alert has to fire when it is {wanted[0]} {wanted[1]:g}"
    if found is None:
        return f"{name}, and it has no such condition."
    if (wanted[0][0], wanted[1]) == (found[0][0], found[1]):
        return None
    return f"{name}. Yours fires when it is {found[0]} {found[1]:g}."


def _plain(exercise: Exercise, frame: pd.DataFrame) -> Any:
    return frame.iloc[0, 0] if exercise.kind == "number" else frame


def _shown(frame: pd.DataFrame, shows: str) -> pd.Series | None:
    """The row a chart of one number shows, if there is one."""
    if shows == "last":
        times = [name for name in frame.columns if _is_time(frame[name])]
        return (frame.sort_values(times[0]) if times else frame).iloc[-1]
    return frame.iloc[0] if len(frame) == 1 else None


def _named(exercise: Exercise, frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The frame with its columns called as the exercise calls them, in every way that fits."""
    by_kind: dict[str, list[Column]] = {}
    for column in exercise.columns:
        by_kind.setdefault("time" if column.kind in _TIMES else column.kind, []).append(column)
    choices = []
    for wanted in by_kind.values():
        fitting = [name for name in frame.columns if _fits(wanted[0], frame[name])]
        choices.append(
            [dict(zip(wanted, some, strict=True)) for some in permutations(fitting, len(wanted))]
        )
    for choice in product(*choices):
        places = {column: name for part in choice for column, name in part.items()}
        yield pd.DataFrame({one.name: frame[places[one]] for one in exercise.columns})


def _long(exercise: Exercise, frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """A category laid along the columns (a line a category) turned into rows."""
    texts = [one for one in exercise.keys if one.kind == "text"]
    if len(texts) != 1 or len(exercise.measures) != 1:
        return
    numbers = [name for name in frame.columns if _is_number(frame[name])]
    others = [name for name in frame.columns if name not in numbers]
    if not numbers or (len(numbers) == 1 and len(others) == len(exercise.keys)):
        return
    melted = frame.melt(id_vars=others, value_vars=numbers, var_name="_category")
    melted = melted.dropna(subset=["value"])
    for part in (None, 0, -1):  # "Free", or "MRR, Free", or "Free, MRR"
        names = melted["_category"].astype(str)
        if part is not None:
            if not names.str.contains(", ").any():
                return
            names = names.str.split(", ").str[part]
        yield melted.assign(_category=names)


def _wide(exercise: Exercise, frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Several measures that stand below each other, named by a column, turned into columns."""
    if len(exercise.measures) < 2:
        return
    numbers = [name for name in frame.columns if _is_number(frame[name])]
    texts = [name for name in frame.columns if _is_text(frame[name])]
    for number, text in product(numbers, texts):
        if frame[text].nunique() != len(exercise.measures):
            continue
        keys = [name for name in frame.columns if name not in (number, text)][: len(exercise.keys)]
        if frame.duplicated([*keys, text]).any():
            continue
        if keys:
            wide = frame.pivot(index=keys, columns=text, values=number).reset_index()
        else:
            wide = pd.DataFrame([dict(zip(frame[text], frame[number], strict=True))])
        wide.columns = [str(name) for name in wide.columns]
        yield wide


_TIMES = ("date", "month", "quarter")


def _fits(column: Column, values: pd.Series) -> bool:
    if column.kind == "number":
        return _is_number(values)
    if column.kind == "boolean":
        return values.map(lambda one: isinstance(one, bool) or canonical.is_missing(one)).all()
    if column.kind == "text":
        return _is_text(values)
    return _is_time(values) or _reads_as(column, values)


def _reads_as(column: Column, values: pd.Series) -> bool:
    if not _is_text(values):
        return False
    try:
        for value in values:
            canonical.spellings(value, column.kind)
    except canonical.NotThatKind:
        return False
    return True


def _is_number(values: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)


def _is_text(values: pd.Series) -> bool:
    known = values.dropna()
    return len(known) > 0 and known.map(lambda one: isinstance(one, str)).all()


def _is_time(values: pd.Series) -> bool:
    if pd.api.types.is_datetime64_any_dtype(values):
        return True
    known = values.dropna()
    return len(known) > 0 and known.map(lambda one: isinstance(one, date)).all()
