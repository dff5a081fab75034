"""LT: what really happened, as Parquet, made on demand into a folder of its own.

Never loaded into the learner's database. Everything comes from the facts of the same draws that
the sources render, none of it from a delivered row. An area is a module here that exports

- `TRUTH`: functions of a Context, each giving tables by name;
- `SOURCES` (if it needs any): its tables are made only for a world that renders all of them.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pyarrow.parquet as pq

from taproom.world import clock
from taproom.world.clock import DAY
from taproom.world.context import Context
from taproom.world.making import landing
from taproom.world.making.simulate import canonical, monthly
from taproom.world.people.population import PRESETS
from taproom.world.state.engine import Engine

#: In the order in which they are written.
AREAS = ("billing", "accounts", "support", "crm", "product", "marketing", "devices", "mess")


def context(root: Path, progress=None) -> Context:
    """The world below root as the truth needs it: simulated anew from its foundation."""
    manifest = landing.existing(Path(root))
    seed, paying = manifest["seed"], PRESETS[manifest["scale"]]
    as_of = clock.parse(manifest["as_of"])
    engine = Engine(seed, paying, latent=True)
    engine.run(-(-as_of // DAY), monthly(progress) if progress else None)
    facts = canonical(engine.facts)
    return Context(seed, paying, manifest["mess"], facts, as_of, tuple(manifest["sources"]))


def truth(root: Path, out: Path | None = None, progress=None) -> Path:
    """Write every truth table for the world below root; returns the folder (root/truth)."""
    root = Path(root)
    out = Path(out) if out else root / "truth"
    c = context(root, progress)
    out.mkdir(parents=True, exist_ok=True)
    for area in AREAS:
        module = import_module(f".{area}", __name__)
        if not set(getattr(module, "SOURCES", ())) <= set(c.sources):
            continue
        if progress:
            progress("truth", area)
        for make in module.TRUTH:
            for name, table in make(c).items():
                pq.write_table(table, out / f"{name}.parquet", compression="zstd")
    return out
