"""Turning facts into the tables of the sources: pure maps, one module or package a source.

A renderer takes a Window and returns an Arrow table of exactly the rows that arrive in it. The
module of a source exports

- `RENDERERS`: table -> renderer;
- `LEDGERS`: table -> function of a Window that lists the defects of that table's rows;
- `WORLD`: the tables that belong to no account (a catalogue, a campaign): they are rendered
  once, whatever the shards, and their renderers look at no account;
- `RETENTION`: table -> microseconds; a new world delivers no row of it that arrived earlier
  than so long before clock.END. The frame narrows the window; renderers need not know.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Any

import numpy as np
import pyarrow as pa

from .. import clock
from ..facts import Facts
from ..population import Population, population
from ..weekly import Weeks

#: Every source that is rendered, in the order in which its tables are written.
SOURCES = (
    "app",
    "stripe",
    "finance",
    "zendesk",
    "survey",
    "hubspot",
    "segment",
    "google_ads",
    "facebook_ads",
    "linkedin_ads",
    "ga4",
    "iot",
    "pos",
)

Renderer = Callable[["Window"], pa.Table | None]


@dataclass(frozen=True)
class Window:
    """What to render: the world's facts and the span of arrival [lo, hi), int64 µs UTC.

    `paying` is the scale: ever-paying accounts at the end of a new world. `mess` is none,
    default or heavy. The facts may be those of a shard of the accounts: `shard` (k, n) says of
    which, accounts with `shard_of(seed, acct) % n == k`. Who is no account (a lead, a visitor)
    is dealt out likewise, by its own index.
    """

    seed: int
    paying: int
    mess: str
    facts: Facts
    lo: int
    hi: int
    shard: tuple[int, int] = (0, 1)

    def once(self, name: Hashable, make: Callable[[], Any]) -> Any:
        """What `make` derives for this window, made at the first asking and kept as long as the
        window: for what several tables of a source need. (`facts.once` keeps it for all windows.)
        """
        kept = self.__dict__.setdefault("_kept", {})
        if name not in kept:
            kept[name] = make()
        return kept[name]

    @cached_property
    def population(self) -> Population:
        """Accounts of the facts that have signed up before `hi`, by account index."""
        whole = self.facts.once(("population", self.seed, self.paying), self._everyone)
        here = whole.signup < self.hi
        return whole if here.all() else whole.take(here)

    def _everyone(self) -> Population:
        acct = np.unique(self.facts.table("account_version")["acct"])
        return population(self.seed, self.paying, acct)

    @cached_property
    def weeks(self) -> Weeks:
        """The accounts' weekly states."""
        return self.facts.once("weeks", lambda: Weeks(self.facts))


def _exported(name: str, sources: Iterable[str] | None) -> dict[tuple[str, str], object]:
    wanted = SOURCES if sources is None else [s for s in SOURCES if s in set(sources)]
    found = {}
    for source in wanted:
        exported = getattr(import_module(f".{source}", __name__), name, {})
        for table in exported:
            found[source, table] = exported[table] if isinstance(exported, dict) else True
    return found


def renderers(sources: Iterable[str] | None = None) -> dict[tuple[str, str], Renderer]:
    """Every rendered table by (source, table), in the order in which they are written."""
    return _exported("RENDERERS", sources)


def ledgers(sources: Iterable[str] | None = None) -> dict[tuple[str, str], Renderer]:
    """By (source, table): what lists the defects of that table's rows in a window."""
    return _exported("LEDGERS", sources)


def of_the_world(sources: Iterable[str] | None = None) -> set[tuple[str, str]]:
    """The tables that belong to no account."""
    return set(_exported("WORLD", sources))


def delivered_from(source: str, table: str) -> int:
    """Instant before which a new world delivers no row of a table, for its retention."""
    kept = _exported("RETENTION", [source]).get((source, table))
    return 0 if kept is None else clock.END * clock.DAY - kept
