"""The engine's part of making a world: run it, in one process or several, and keep its facts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from taproom.world import clock
from taproom.world.facts import KINDS, Facts
from taproom.world.making.tasks import Recipe, dealt_out
from taproom.world.state.engine import Engine

_ORDER = ("acct", "ord", "n", "at", "start", "coupon", "day")
#: From this many ever-paying accounts on, arrays are long enough for shards to gain.
ACCOUNTS_FOR_SHARDS = 5_000


def canonical(facts: Facts, known: dict[str, int] | None = None) -> Facts:
    """Facts in an order that no shard, batch or restart can change.

    `known`: so many first rows of each kind are in that order already, as a checkpoint's are.
    """
    known = known or {}
    return Facts({kind: _ordered(facts.table(kind), known.get(kind, 0)) for kind in KINDS})


def _ordered(rows: np.ndarray, known: int) -> np.ndarray:
    if known == len(rows):
        return rows
    old, new = rows[:known], rows[known:]
    # Only accounts that something new has happened to are put in order again.
    touched = np.zeros(int(rows["acct"].max()) + 1, dtype=bool)
    touched[new["acct"]] = True
    again = touched[old["acct"]]
    part = np.concatenate([old[again], new])
    columns = [np.ascontiguousarray(part[n]) for n in part.dtype.names if n in _ORDER]
    part = part[np.lexsort(columns[::-1])]
    if again.all():
        return part
    both = np.concatenate([old[~again], part])
    return both[np.argsort(both["acct"], kind="stable")]


def simulate_shard(recipe: Recipe, shard: tuple[int, int], until: int, out: Path) -> str:
    """Simulate a shard of the accounts from the foundation, and save its state."""
    engine = Engine(recipe.seed, recipe.paying, tuple(shard), latent=True)
    engine.run(until)
    engine.save(out)
    return str(out)


def simulate(
    recipe: Recipe, stops: list[int], place: Path, out: Path, tell: Callable[..., None]
) -> None:
    """Simulate to the last of the days `stops`, and save the state.

    At each stop the facts so far go to a folder of `place` named by the day, and `tell(reached=)`
    says up to which instant rows can be rendered.
    """
    engine = Engine(recipe.seed, recipe.paying, latent=True)
    months = monthly(lambda *parts: tell(told=parts))
    for stop in stops:
        known = engine.facts.count()
        engine.run(stop, months)
        engine.facts = canonical(engine.facts, known)
        if stop == stops[-1]:
            engine.save(out)
        split(engine.facts, recipe, place / f"{stop}")
        tell(reached=stop * clock.DAY)


def split(facts: Facts, recipe: Recipe, place: Path) -> None:
    """Write facts by shard of the accounts, to be mapped into memory by workers."""
    for k, part in enumerate(dealt_out(facts, recipe)):
        (place / f"{k:03}").mkdir(parents=True, exist_ok=True)
        for kind, rows in part.tables().items():
            np.save(place / f"{k:03}" / f"{kind}.npy", rows)


def monthly(progress):
    """A day-by-day callback that tells each month's first day to `progress`."""

    def tell(day: int) -> None:
        date = clock.as_date(day)
        if date.day == 1:
            progress("simulate", date.strftime("%Y-%m"))

    return tell
