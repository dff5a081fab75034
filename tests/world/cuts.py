"""Whether a source gives the same rows however its time and its accounts are cut."""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
import pyarrow as pa
import worlds

from taproom import contracts
from taproom.world import clock
from taproom.world.clock import DAY, HOUR
from taproom.world.facts import Facts
from taproom.world.making.lifecycle import canonical
from taproom.world.people.population import shard_of
from taproom.world.render import Window

END = clock.END * DAY


def window(mess: str = "default", lo: int = 0, hi: int = END, seed: int = 42) -> Window:
    return Window(seed, worlds.TINY, mess, worlds.facts(seed, days_after=3), lo, hi)


@cache
def shards(count: int) -> list[Facts]:
    """The facts of the tiny world dealt out by shard."""
    whole = worlds.facts(42, days_after=3)
    out = []
    for k in range(count):
        parts = {
            kind: rows[shard_of(42, rows["acct"]) % count == k]
            for kind, rows in whole.tables().items()
        }
        out.append(canonical(Facts(parts)))
    return out


def joined(parts) -> pa.Table | None:
    parts = [p for p in parts if p is not None and len(p)]
    return pa.concat_tables(parts) if parts else None


def same(a: pa.Table | None, b: pa.Table | None) -> bool:
    if a is None or b is None:
        return a is None and b is None
    return worlds.rows_hash(a) == worlds.rows_hash(b)


def holds_in_every_cut(render, world_table: bool = False) -> None:
    """Months make the whole, hours the day, shards the world (unless it is of the world)."""
    whole = render(window())
    months = [0, *(clock.month_start(np.arange(636, 673)) * DAY).tolist()]
    cut = joined(render(window(lo=a, hi=b)) for a, b in itertools.pairwise(months))
    assert same(whole, cut), "months"
    arrived = whole["_arrived_at"].cast(pa.int64()).to_numpy()
    busiest = int(np.bincount(arrived // DAY).argmax()) * DAY
    day = render(window(lo=busiest, hi=busiest + DAY))
    hours = [busiest + h * HOUR for h in range(25)]
    cut = joined(render(window(lo=a, hi=b)) for a, b in itertools.pairwise(hours))
    assert len(day)
    assert same(day, cut), "hours"
    assert ((arrived >= 0) & (arrived < END)).all()
    if not world_table:
        parts = joined(
            render(Window(42, worlds.TINY, "default", f, 0, END, (k, 2)))
            for k, f in enumerate(shards(2))
        )
        assert same(whole, parts), "shards"


def keeps_its_contract(source: str, table: str, rows: pa.Table) -> None:
    contract = contracts.load(source).tables[table]
    assert rows.schema.equals(contract.arrow_schema()), (rows.schema, contract.arrow_schema())
    for column in contract.columns:
        if column.required:
            assert rows[column.name].null_count == 0, column.name
        if column.enum:
            assert set(rows[column.name].to_pylist()) - {None} <= set(column.enum), column.name
    key = [*contract.key, *(["_arrived_at"] if contract.update != "append" else [])]
    if key:
        values = list(zip(*(rows[k].to_pylist() for k in key), strict=True))
        assert len(set(values)) == len(values), key
