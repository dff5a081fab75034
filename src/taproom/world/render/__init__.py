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

from collections.abc import Callable, Iterable
from importlib import import_module

import pyarrow as pa

from taproom import contracts
from taproom.world import clock
from taproom.world.window import Window

#: Every source that is rendered, in the order in which its tables are written.
SOURCES = contracts.SOURCES

Renderer = Callable[[Window], pa.Table | None]


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
