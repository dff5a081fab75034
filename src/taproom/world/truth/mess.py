"""The ledger of defects: each delivered value that differs from the clean one, and each dated
change of a source."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from taproom import contracts
from taproom.world import clock, render
from taproom.world.context import Context, months
from taproom.world.making import scale
from taproom.world.making.tasks import Recipe, dealt_out

SCHEMA = pa.schema(
    [(n, pa.string()) for n in ("defect", "table_name", "pk", "column_name", "before", "after")]
)

#: Changes of words that no contract dates, as their columns hold free text: day, old, new.
WORDS = {
    ("segment", "tracks", "event_text"): (clock.DRIFT_TAP_LINE, "Tap Created", "tap_line_created"),
    ("hubspot", "contact", "property_lifecyclestage"): (
        clock.DRIFT_HUBSPOT_ONBOARDING,
        None,
        "onboarding",
    ),
}


def drift(c: Context) -> pa.Table:
    """M11: what changed on a day for every row of a table, with the day it changed on. Sources
    drift at every level of mess."""
    rows: list[tuple] = []

    def changed(table: str, column: str | None, before, after, day) -> None:
        rows.append(("M11", table, "*", column, before, after and f"{after} from {day} on"))

    for (source, name), table in contracts.tables().items():
        if source not in c.sources:
            continue
        known, gone = f"{source}.{name}", "not delivered"
        if table.started_on:
            changed(known, None, gone, "delivered", table.started_on)
        if table.ended_on:
            changed(known, None, "delivered", gone, table.ended_on)
        for column in table.columns:
            if column.added_on:
                changed(known, column.name, gone, "delivered", column.added_on)
            if column.removed_on:
                changed(known, column.name, "delivered", gone, column.removed_on)
            if column.renamed:
                words = column.renamed
                changed(known, column.name, words.old, words.new, words.since)
    for (source, name, column), (day, old, new) in WORDS.items():
        if source in c.sources:
            changed(f"{source}.{name}", column, old, new, clock.as_date(day))
    return pa.Table.from_pylist([dict(zip(SCHEMA.names, r, strict=True)) for r in rows], SCHEMA)


def tables(c: Context) -> dict[str, pa.Table]:
    """truth_mess: defect, table, key, column, value before and after; one row with the key '*'
    for a defect that touches every row of a table."""
    shards = scale.shards(c.paying)
    facts = dealt_out(c.facts, Recipe(c.seed, c.paying, c.mess, c.sources, shards))
    once = render.of_the_world(c.sources)
    found = [drift(c)]
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
    return {"truth_mess": pa.concat_tables(found)}


TRUTH = (tables,)
