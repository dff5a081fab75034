"""What an answer is: right, wrong in a known way, or wrong in a way only its shape can tell.

The judge knows digests, never values. Its order matters: right before wrong, a known road before
a difference in shape, a difference in shape before a difference in figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from taproom.exercises import canonical
from taproom.exercises.book import Column, Exercise, Misconception
from taproom.exercises.frames import Shapeless, to_frame
from taproom.exercises.seal import Comparison, Sealed, compare, matches, row_digest

CORRECT, INCORRECT, NOT_ATTEMPTED = "correct", "incorrect", "not attempted"
NAMED_ROWS = 3


@dataclass(frozen=True)
class Expected:
    """The sealed right answer and the sealed answers of the roads known to be wrong."""

    right: Sealed
    wrong: dict[str, Sealed]

    def to_json(self) -> dict[str, Any]:
        return {
            "right": self.right.to_json(),
            "wrong": {name: sealed.to_json() for name, sealed in self.wrong.items()},
        }

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Expected:
        wrong = {name: Sealed.from_json(one) for name, one in document["wrong"].items()}
        return cls(Sealed.from_json(document["right"]), wrong)


@dataclass(frozen=True)
class Verdict:
    """The state, the misconceptions recognised, and what the figures or the shape say."""

    state: str
    misconceptions: tuple[Misconception, ...] = ()
    remarks: tuple[str, ...] = ()


def attempted(answer: Any) -> bool:
    """False for the untouched placeholder: `...`, None, or a container of nothing else."""
    if answer is None or answer is Ellipsis:
        return False
    if isinstance(answer, dict):
        return any(attempted(value) for value in answer.values())
    if isinstance(answer, list | tuple | set):
        return any(attempted(value) for value in answer)
    return True


def judge(exercise: Exercise, expected: Expected, answer: Any) -> Verdict:
    """The verdict on an answer; never raises for anything a learner may hand in."""
    if not attempted(answer):
        return Verdict(NOT_ATTEMPTED)
    try:
        frame = to_frame(exercise, answer, may_be_empty=not expected.right.rows)
    except Shapeless as difference:
        return Verdict(INCORRECT, remarks=(str(difference),))
    found = compare(exercise, frame, expected.right)
    if found.equal:
        return Verdict(CORRECT)
    known = _known_roads(exercise, expected, frame, found)
    if known:
        return Verdict(INCORRECT, tuple(known))
    slips = _slips(exercise, expected.right, frame, found)
    if slips:
        return Verdict(INCORRECT, remarks=tuple(slips))
    return Verdict(INCORRECT, remarks=tuple(_differences(exercise, found, len(frame))))


def _known_roads(
    exercise: Exercise, expected: Expected, frame: pd.DataFrame, found: Comparison
) -> list[Misconception]:
    """Misconceptions whose whole answer this is; else those that explain single columns.

    If two of them give the same answer in this world, both are named: the figures cannot tell
    which road was taken.
    """
    sealed = [
        (one, expected.wrong[one.id]) for one in exercise.misconceptions if one.id in expected.wrong
    ]
    whole = [one for one, answer in sealed if compare(exercise, frame, answer).equal]
    if whole or len(exercise.measures) == 1 or not found.same_rows:
        return whole
    explained: dict[str, list[Misconception]] = {}
    for one, answer in sealed:
        seen = compare(exercise, frame, answer)
        if not seen.same_rows:
            continue
        for column in found.differing:
            if column not in seen.differing:
                explained.setdefault(column, []).append(one)
    if set(explained) != set(found.differing):
        return []
    return list(dict.fromkeys(one for several in explained.values() for one in several))


def _slips(exercise: Exercise, right: Sealed, frame: pd.DataFrame, found: Comparison) -> list[str]:
    """Columns that hold the right figures, written another way; [] unless that explains all."""
    if not found.same_rows:
        return []
    remarks = []
    for column in exercise.measures:
        if column.name not in found.differing:
            continue
        remark = _slip(exercise, column, right, frame)
        if remark is None:
            return []
        remarks.append(remark)
    return remarks


def _slip(exercise: Exercise, column: Column, right: Sealed, frame: pd.DataFrame) -> str | None:
    if column.kind != "number":
        return None
    rows = [row_digest(exercise, record, right.salt) for record in frame.to_dict("records")]
    cells = list(zip(rows, frame[column.name], strict=True))
    cells = [
        (row, canonical.number(value)) for row, value in cells if not canonical.is_missing(value)
    ]
    if not any(value for _, value in cells):
        return None

    def all_match(factor: str, digits: int, known: dict[str, list[str]]) -> bool:
        return all(
            matches(column, row, value * Decimal(factor), digits, known, right.salt)
            for row, value in cells
        )

    known = right.cells[column.name]
    name = "The figure" if exercise.kind == "number" else f"The column {column.name}"
    if all_match("0.01", column.digits, known):
        return f"{name} is a hundred times too large: a share between 0 and 1 is asked for."
    if all_match("100", column.digits, known):
        return f"{name} is a hundred times too small."
    if all_match("-1", column.digits, known):
        return f"{name} has the right size and the wrong sign."
    for digits, coarse in right.coarse.get(column.name, {}).items():
        if not all_match("1", int(digits), coarse):
            continue
        if all(Decimal(canonical.rounded(value, int(digits))) == value for _, value in cells):
            return (
                f"{name} is right as far as it goes, but it was rounded to {digits} decimals; "
                f"{column.digits} are asked for. Round last, or not at all."
            )
        return (
            f"{name} agrees to {digits} decimals and not to {column.digits}: something small is "
            "left out or counted too often, or it was rounded on the way."
        )
    return None


def _differences(exercise: Exercise, found: Comparison, rows: int) -> list[str]:
    if exercise.kind == "number":
        return ["The number differs, and not in a way this check knows."]
    keys = ", ".join(one.name for one in exercise.keys)
    remarks = []
    if found.repeated:
        remarks.append(
            f"Some rows stand more than once for the same {keys} ({_some(found.repeated)}): "
            "group, or remove duplicates, so that each stands once."
        )
    if found.missing:
        remarks.append(f"{_count(found.missing)} expected and not there.")
    if found.unexpected:
        remarks.append(f"{_count(len(found.unexpected))} not expected ({_some(found.unexpected)}).")
    for column, names in found.differing.items():
        if not exercise.keys:
            remarks.append(f"{column} differs.")
        elif len(names) == rows:
            remarks.append(f"{column} differs in every row.")
        else:
            remarks.append(f"{column} differs in {len(names)} of {rows} rows ({_some(names)}).")
    right = [one.name for one in exercise.measures if one.name not in found.differing]
    if right and found.differing and found.same_rows:
        remarks.append(f"Right already: {', '.join(right)}.")
    return remarks


def _count(number: int) -> str:
    return "One row is" if number == 1 else f"{number} rows are"


def _some(names: list[str]) -> str:
    shown = list(dict.fromkeys(names))
    more = "" if len(shown) <= NAMED_ROWS else f" and {len(shown) - NAMED_ROWS} more"
    return ", ".join(shown[:NAMED_ROWS]) + more
