"""What the truth and the measures of realism look at: a world's facts and what it renders."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa

from taproom.world import clock, render
from taproom.world.clock import DAY
from taproom.world.facts import Facts
from taproom.world.people.population import TEST
from taproom.world.window import Window


@dataclass(frozen=True)
class Context:
    """A world up to `as_of` (exclusive, int64 µs UTC), whole: never a shard.

    `sources`: those that the world renders.
    """

    seed: int
    paying: int
    mess: str
    facts: Facts
    as_of: int
    sources: tuple[str, ...] = render.SOURCES

    @property
    def until(self) -> int:
        """The first day that is not complete."""
        return self.as_of // DAY

    def window(self, lo: int = 0, hi: int | None = None, mess: str | None = None) -> Window:
        """A window of arrival, by default of all that has arrived."""
        mess, hi = mess or self.mess, self.as_of if hi is None else hi
        return Window(self.seed, self.paying, mess, self.facts, lo, hi)

    def rows(
        self, source: str, table: str, lo: int = 0, hi: int | None = None, mess: str | None = None
    ) -> pa.Table | None:
        """Rows of a table that arrived in [lo, hi), as delivered (retention holds).

        Kept after the first asking, so name the same span when you mean the same rows; None
        where the world does not render the source or nothing arrived.
        """
        if source not in self.sources:
            return None
        lo = max(lo, render.delivered_from(source, table))
        w = self.window(lo, hi, mess)

        def make() -> pa.Table | None:
            return render.renderers([source])[source, table](w)

        return self.once(("rows", source, table, w.lo, w.hi, w.mess), make)

    def once(self, name: Hashable, make: Callable[[], Any]) -> Any:
        """What `make` gives, made at the first asking and kept."""
        return self.facts.once(("context", name, self.as_of), make)

    @property
    def tests(self) -> np.ndarray:
        """Account indices of test, demo and internal accounts."""
        p = self.window(hi=np.iinfo(np.int64).max).population
        return p.acct[p.cls == TEST]


def months(lo: int, hi: int) -> list[tuple[int, int]]:
    """Spans of arrival that cut [lo, hi) at the starts of months, so that memory stays bounded."""
    first, last = clock.month_of(max(lo, clock.FOUNDED * DAY) // DAY), clock.month_of(hi // DAY)
    starts = clock.month_start(np.arange(int(first) + 1, int(last) + 1)) * DAY
    edges = [lo, *(int(s) for s in starts if lo < s < hi), hi]
    return list(pairwise(edges))
