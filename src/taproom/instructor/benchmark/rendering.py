"""What each source's rows cost, beside only writing the same rows: one process, no workers."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from taproom.instructor.benchmark.measure import Measure

#: Tables of more rows than this are judged against the limit.
BULKY = 100_000
GOAL = 0.5


@dataclass
class Cost:
    """Rows of a table, seconds to render them and to write them as Parquet."""

    rows: int = 0
    render: float = 0.0
    write: float = 0.0


def measure(scale: str, seed: int) -> list[Measure]:
    """Rows a second by source, and bulky tables beside the Parquet writer alone."""
    costs = table_costs(scale, seed)
    sources: dict[str, Cost] = {}
    for (source, _), cost in costs.items():
        total = sources.setdefault(source, Cost())
        total.rows += cost.rows
        total.render += cost.render
        total.write += cost.write
    lines = [
        Measure(f"rendering and writing {source}", c.rows / (c.render + c.write), "rows/s",
                note=f"{c.rows:,} rows in one process")
        for source, c in sources.items()
    ]  # fmt: skip
    lines += [
        Measure(f"{source}.{table}", c.rows / (c.render + c.write), "rows/s",
                "Parquet writing alone", c.rows / c.write, goal=GOAL)
        for (source, table), c in costs.items()
        if c.rows > BULKY
    ]  # fmt: skip
    return lines


def table_costs(scale: str, seed: int) -> dict[tuple[str, str], Cost]:
    """Cost by (source, table): rendered window by window, as the making of a world does."""
    from taproom.contracts import tables as contracts
    from taproom.world import clock, render
    from taproom.world.making import landing
    from taproom.world.making import scale as scales
    from taproom.world.making.simulate import canonical
    from taproom.world.people.population import PRESETS
    from taproom.world.state.engine import Engine

    paying = PRESETS[scale]
    engine = Engine(seed, paying, latent=True)
    engine.run(clock.END)
    facts = canonical(engine.facts)
    batches = landing.first_batches()
    costs: dict[tuple[str, str], Cost] = {}
    with tempfile.TemporaryDirectory() as folder:
        for (source, table), renderer in render.renderers().items():
            cost = costs.setdefault((source, table), Cost())
            since = render.delivered_from(source, table)
            for first, last in scales.spans(paying, source, table, batches, since):
                lo, hi = max(batches[first].lo, since), batches[last - 1].hi
                if lo >= hi:
                    continue
                began = perf_counter()
                rows = renderer(render.Window(seed, paying, "default", facts, lo, hi))
                cost.render += perf_counter() - began
                if rows is None or not len(rows):
                    continue
                cost.rows += len(rows)
                whole = landing.Batch("all", lo, hi)
                began = perf_counter()
                landing.write_table(Path(folder), contracts()[source, table], whole, rows)
                cost.write += perf_counter() - began
    return {key: cost for key, cost in costs.items() if cost.rows}
