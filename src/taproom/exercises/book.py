"""The exercises as written down: one YAML file each, beside this module."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from taproom.exercises.canonical import KINDS

FOLDER = Path(__file__).parent / "sheets"


@dataclass(frozen=True)
class Column:
    """A column an answer has: `kind` as in canonical.KINDS; `digits` decimals for numbers."""

    name: str
    kind: str
    digits: int = 0
    is_key: bool = False
    meaning: str = ""


@dataclass(frozen=True)
class Misconception:
    """A wrong road that is known: what was done, why it is wrong, what to do instead."""

    id: str
    name: str
    why: str
    remedy: str


@dataclass(frozen=True)
class Exercise:
    """What is asked, in which shape, and what can be said about a wrong answer.

    A `number` has one column without a key; a `table` has key columns, whose values name a row.
    With `of` = chart the answer is what a chart in Superset returns, under whatever names; with
    `of` = alert it is the value an alert looks at, and `condition` when it has to fire.
    """

    id: str
    title: str
    notebook: str
    kind: str
    columns: tuple[Column, ...]
    hints: tuple[str, ...]
    misconceptions: tuple[Misconception, ...]
    of: str = "notebook"
    condition: tuple[str, float] | None = None

    @property
    def keys(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.is_key)

    @property
    def measures(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if not column.is_key)

    def misconception(self, name: str) -> Misconception:
        return next(one for one in self.misconceptions if one.id == name)


@cache
def load() -> dict[str, Exercise]:
    """Every exercise by its id, in the order of the notebooks."""
    found = [_read(path) for path in sorted(FOLDER.glob("*.yml"))]
    return {exercise.id: exercise for exercise in found}


def find(name: str) -> Exercise:
    """The exercise of that id; KeyError with the known ids if there is none."""
    known = load()
    if name not in known:
        raise KeyError(f"there is no exercise {name!r}; there are {', '.join(known)}")
    return known[name]


def _read(path: Path) -> Exercise:
    sheet = yaml.safe_load(path.read_text(encoding="utf-8"))
    answer = sheet["answer"]
    condition = answer.get("condition")
    columns = tuple(
        Column(
            name=one["name"],
            kind=one["kind"],
            digits=one.get("digits", 0),
            is_key=one.get("key", False),
            meaning=one.get("meaning", ""),
        )
        for one in answer["columns"]
    )
    exercise = Exercise(
        id=sheet["id"],
        title=sheet["title"],
        notebook=sheet["notebook"],
        kind=answer["kind"],
        columns=columns,
        hints=tuple(_line(hint) for hint in sheet["hints"]),
        misconceptions=tuple(
            Misconception(one["id"], _line(one["name"]), _line(one["why"]), _line(one["remedy"]))
            for one in sheet["misconceptions"]
        ),
        of=answer.get("of", "notebook"),
        condition=(condition["operator"], condition["threshold"]) if condition else None,
    )
    _refuse_nonsense(exercise, path)
    return exercise


def _refuse_nonsense(exercise: Exercise, path: Path) -> None:
    problems = []
    if path.stem != exercise.id:
        problems.append(f"the file is {path.stem}, the id {exercise.id}")
    if exercise.kind not in ("number", "table"):
        problems.append(f"no such kind of answer: {exercise.kind}")
    if exercise.kind == "number" and (len(exercise.columns) != 1 or exercise.keys):
        problems.append("a number has one column and no key")
    if exercise.kind == "table" and not exercise.measures:
        problems.append("a table has something to measure")
    if exercise.of not in ("notebook", "chart", "alert"):
        problems.append(f"answers come from a notebook, a chart or an alert, not {exercise.of}")
    if exercise.condition and exercise.of != "alert":
        problems.append("only an alert has a condition")
    problems += [f"no such kind: {one.kind}" for one in exercise.columns if one.kind not in KINDS]
    if len({one.id for one in exercise.misconceptions}) != len(exercise.misconceptions):
        problems.append("a misconception stands twice")
    if problems:
        raise ValueError(f"{path.name}: {'; '.join(problems)}")


def _line(text: str) -> str:
    return " ".join(str(text).split())
