"""What an exercise asks: its shape, hints and misconceptions, and how answers are compared.

Imports nothing of the package, so that the room which knows the answers (`answers`) and the room
that must not (`classroom`) speak the same language: one YAML an exercise, canonical forms, digests.
"""

from taproom.exercises.book import Column, Exercise, Misconception, find, load
from taproom.exercises.frames import Shapeless, to_frame
from taproom.exercises.judge import (
    CORRECT,
    INCORRECT,
    NOT_ATTEMPTED,
    Expected,
    Verdict,
    attempted,
    judge,
)
from taproom.exercises.readings import Result, judge_results, readings
from taproom.exercises.seal import Sealed, seal

__all__ = [
    "CORRECT",
    "INCORRECT",
    "NOT_ATTEMPTED",
    "Column",
    "Exercise",
    "Expected",
    "Misconception",
    "Result",
    "Sealed",
    "Shapeless",
    "Verdict",
    "attempted",
    "find",
    "judge",
    "judge_results",
    "load",
    "readings",
    "seal",
    "to_frame",
]
