"""The engine's part of making a world: run it, in one process or several, and keep its facts."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from . import clock
from .engine import Engine
from .facts import KINDS, Facts
from .population import shard_of
from .tasks import Recipe

_ORDER = ("acct", "ord", "n", "at", "start", "coupon", "day")
#: From this many ever-paying accounts on, arrays are long enough for shards to gain.
ACCOUNTS_FOR_SHARDS = 5_000


def canonical(facts: Facts) -> Facts:
    """Facts in an order that no shard, batch or restart can change."""
    out = {}
    for kind, dtype in KINDS.items():
        rows = facts.table(kind)
        columns = [np.ascontiguousarray(rows[n]) for n in dtype.names if n in _ORDER]
        out[kind] = rows[np.lexsort(columns[::-1])]
    return Facts(out)


def simulate_shard(recipe: Recipe, shard: tuple[int, int], until: int, out: Path) -> str:
    """Simulate a shard of the accounts from the foundation, and save its state."""
    engine = Engine(recipe.seed, recipe.paying, tuple(shard), latent=True)
    engine.run(until)
    engine.save(out)
    return str(out)


def split(facts: Facts, recipe: Recipe, place: Path) -> None:
    """Write facts by shard of the accounts, to be mapped into memory by workers."""
    for k in range(recipe.shards):
        (place / f"{k:03}").mkdir(parents=True, exist_ok=True)
    for kind, rows in facts.tables().items():
        which = shard_of(recipe.seed, rows["acct"]) % recipe.shards
        for k in range(recipe.shards):
            part = rows if recipe.shards == 1 else rows[which == k]
            np.save(place / f"{k:03}" / f"{kind}.npy", part)


def monthly(progress):
    """A day-by-day callback that tells each month's first day to `progress`."""

    def tell(day: int) -> None:
        date = clock.as_date(day)
        if date.day == 1:
            progress("simulate", date.strftime("%Y-%m"))

    return tell
