"""Worlds for the tests: simulated once a session, compared as semantics demands."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

from taproom.world import clock
from taproom.world.facts import Facts
from taproom.world.making.simulate import canonical
from taproom.world.people.population import PRESETS
from taproom.world.render import SOURCES, Window, renderers
from taproom.world.state.engine import Engine

TINY = PRESETS["tiny"]
#: What a test needs that looks at subscriptions only.
BILLING = ("app", "stripe", "finance")
ALL = SOURCES


@cache
def facts(seed: int = 42, days_after: int = 3, latent: bool = True) -> Facts:
    """Facts of a tiny world until some days after the end of a new one."""
    e = Engine(seed, TINY, latent=latent)
    e.run(clock.END + days_after)
    return canonical(e.facts)


def tables() -> list[tuple[str, str]]:
    """Every rendered table."""
    return list(renderers())


def rows_hash(table) -> str:
    """Hash of a table's rows in canonical order."""
    frame = pl.from_arrow(table)
    rows = frame.select(pl.all().cast(pl.String)).fill_null("\0").sort(pl.all())
    return hashlib.sha256(rows.write_csv().encode()).hexdigest()


def rendered(f: Facts, lo: int, hi: int, seed: int = 42) -> dict[tuple[str, str], str]:
    """Hash of the rows of every table that arrive in [lo, hi)."""
    w = Window(seed, TINY, "default", f, lo, hi)
    out = {}
    for name, render in renderers().items():
        rows = render(w)
        out[name] = rows_hash(rows) if rows is not None and len(rows) else "no rows"
    return out


def same_facts(a: Facts, b: Facts) -> None:
    for kind, rows in canonical(a).tables().items():
        other = canonical(b).table(kind)
        assert len(rows) == len(other), kind
        assert np.array_equal(rows, other), kind


def landed(root: Path, since: str = "", source: str = "*") -> dict[str, str]:
    """Hash of the canonical rows of each landed table over its batches from an id on."""
    out = {}
    for folder in sorted(p for p in (root / "landing").glob(f"{source}/*") if p.is_dir()):
        files = [f for f in sorted(folder.glob("*.parquet")) if f.stem >= since]
        if not files:
            continue
        frames = [pl.read_parquet(f) for f in files]
        whole = pl.concat(frames, how="diagonal")
        whole = whole.select(sorted(whole.columns))
        out[f"{folder.parent.name}.{folder.name}"] = rows_hash(whole.to_arrow())
    return out
