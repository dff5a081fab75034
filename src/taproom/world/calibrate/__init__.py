"""Is the company as realistic as it should be? Quantities measured, beside their bands.

Two kinds of worlds: accounts alone at 24,000 (churn.py), and whole worlds at a scale to choose,
whose rendered rows are measured by area. An area is a module here that exports

- `ROWS`: functions of a Context, each giving a list of Row;
- `SOURCES` (if it needs any): it is measured only in a world that renders all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

from taproom.world import clock, render
from taproom.world.calibrate import churn
from taproom.world.calibrate.measures import Row, mean, table
from taproom.world.context import Context
from taproom.world.making.simulate import canonical, monthly
from taproom.world.people.population import PRESETS
from taproom.world.state.engine import Engine

__all__ = ["AREAS", "Row", "accounts_alone", "mean", "table", "whole_worlds"]

#: In the order in which they are printed.
AREAS: tuple[str, ...] = ("support", "crm", "product", "marketing", "devices")


def accounts_alone(seeds: Iterable[int], progress=None) -> list[Row]:
    """Billing and the churn signal in account worlds of 24,000, mean over the seeds.

    One world's AUC rests on a few hundred leavers, so the mean is what is judged.
    """
    tell = monthly(progress) if progress else None
    return mean([churn.measure(seed, progress=tell) for seed in seeds])


def whole_worlds(
    scale: str, seeds: Iterable[int], mess: str = "default", progress=None, sources=None
) -> list[Row]:
    """Every area's quantities in the rendered rows of new worlds, mean over the seeds."""
    sources = tuple(s for s in render.SOURCES if sources is None or s in sources)
    worlds = []
    for seed in seeds:
        engine = Engine(seed, PRESETS[scale], latent=True)
        engine.run(clock.END, monthly(progress) if progress else None)
        c = Context(
            seed, PRESETS[scale], mess, canonical(engine.facts), clock.END * clock.DAY, sources
        )
        rows: list[Row] = []
        for area in AREAS:
            module = import_module(f".{area}", __name__)
            if set(getattr(module, "SOURCES", ())) <= set(sources):
                if progress:
                    progress("seed", seed, "measure", area)
                rows += [r for f in module.ROWS for r in f(c)]
        worlds.append(rows)
    return mean(worlds)
