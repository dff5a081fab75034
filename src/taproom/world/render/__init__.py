"""Turning facts into the tables of the sources: pure maps, one module a source.

A renderer takes a Window and returns an Arrow table of exactly the rows that arrive in it.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..facts import Facts


@dataclass(frozen=True)
class Window:
    """What to render: the world's facts and the span of arrival [lo, hi), int64 µs UTC.

    `paying` is the scale: ever-paying accounts at the end of a new world. `mess` is none,
    default or heavy.
    """

    seed: int
    paying: int
    mess: str
    facts: Facts
    lo: int
    hi: int
