"""The ledger of defects: each delivered value that differs from the clean one."""

from __future__ import annotations

import pyarrow as pa

from .. import render
from ..context import Context, months

SCHEMA = pa.schema(
    [(n, pa.string()) for n in ("defect", "table_name", "pk", "column_name", "before", "after")]
)


def tables(c: Context) -> dict[str, pa.Table]:
    """truth_mess: defect, table, key, column, value before and after; one row with the key '*'
    for a defect that touches every row of a table."""
    found = []
    for (source, name), ledger in render.ledgers(c.sources).items():
        parts = []
        for lo, hi in months(render.delivered_from(source, name), c.as_of):
            part = ledger(c.window(lo, hi))
            if part is not None and len(part):
                parts.append(part.select(SCHEMA.names).cast(SCHEMA))
        if parts:
            rows = pa.concat_tables(parts)
            every = pa.compute.equal(rows["pk"], "*")
            # One row a defect of a whole table, however many months were looked at.
            whole = rows.filter(every).group_by(SCHEMA.names, use_threads=False).aggregate([])
            found += [whole.cast(SCHEMA), rows.filter(pa.compute.invert(every))]
    return {"truth_mess": pa.concat_tables(found) if found else SCHEMA.empty_table()}


TRUTH = (tables,)
