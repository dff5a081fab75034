"""An answer with the wrong ones beside it, and the list of who computes which."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from taproom.answers.days import Book

# Frames have exactly the columns of the exercise's sheet.


@dataclass(frozen=True)
class Answer:
    """The right answer, and the answer each known misconception leads to in this world."""

    right: pl.DataFrame
    wrong: dict[str, pl.DataFrame] = field(default_factory=dict)


ROADS: dict[str, Callable[[Book], Answer]] = {}


def answers(exercise: str) -> Callable[[Callable[[Book], Answer]], Callable[[Book], Answer]]:
    """Marks the function that answers an exercise."""

    def mark(road: Callable[[Book], Answer]) -> Callable[[Book], Answer]:
        ROADS[exercise] = road
        return road

    return mark


def number(column: str, value: float) -> pl.DataFrame:
    """A frame of one value."""
    return pl.DataFrame({column: [float(value)]})
