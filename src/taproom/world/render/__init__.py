"""Turning facts into the tables of the sources: pure maps, one module a source.

A renderer takes a Window and returns an Arrow table of exactly the rows that arrive in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa

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


def renderers() -> dict[tuple[str, str], Callable[[Window], pa.Table | None]]:
    """Every rendered table by (source, table), in the order in which they are written."""
    from . import app, finance, stripe

    found = (("app", app.RENDERERS), ("stripe", stripe.RENDERERS), ("finance", finance.RENDERERS))
    return {(source, name): f for source, tables in found for name, f in tables.items()}
