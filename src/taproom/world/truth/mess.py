"""The ledger of defects: each delivered value that differs from the clean one."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from taproom.world import render
from taproom.world.context import Context, months
from taproom.world.making import scale
from taproom.world.making.tasks import Recipe, dealt_out

SCHEMA = pa.schema(
    [(n, pa.string()) for n in ("defect", "table_name", "pk", "column_name", "before", "after")]
)


def tables(c: Context) -> dict[str, pa.Table]:
    """truth_mess: defect, table, key, column, value before and after; one row with the key '*'
    for a defect that touches every row of a table."""
    shards = scale.shards(c.paying)
    facts = dealt_out(c.facts, Recipe(c.seed, c.paying, c.mess, c.sources, shards))
    once = render.of_the_world(c.sources)
    found = []
    for (source, name), ledger in render.ledgers(c.sources).items():
        parts = []
        spans = [(render.delivered_from(source, name), c.as_of)]
        if scale.rows(c.paying, source, name) > scale.ROWS_A_WINDOW:
            spans = months(*spans[0])
        for lo, hi in spans:
            for k in range(1 if (source, name) in once else shards):
                part = ledger(replace(c.window(lo, hi), facts=facts[k], shard=(k, shards)))
                if part is not None and len(part):
                    parts.append(part.select(SCHEMA.names).cast(SCHEMA))
        if parts:
            rows = pa.concat_tables(parts)
            every = pc.equal(rows["pk"], "*")
            # One row a defect of a whole table, however many months and shards were looked at.
            whole = rows.filter(every).group_by(SCHEMA.names, use_threads=False).aggregate([])
            found += [whole.cast(SCHEMA), rows.filter(pc.invert(every))]
    return {"truth_mess": pa.concat_tables(found) if found else SCHEMA.empty_table()}


TRUTH = (tables,)
