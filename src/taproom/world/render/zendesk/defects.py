"""The ledger of Zendesk's defects: damaged addresses, test tickets, deletions, lost parents."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from taproom.world import clock, mess
from taproom.world.draws.ids import number
from taproom.world.people import names
from taproom.world.render.columns import synced
from taproom.world.render.zendesk import life, people
from taproom.world.render.zendesk.life import DELETED, OPENED
from taproom.world.render.zendesk.team import organization_id
from taproom.world.window import Window

_COLUMNS = ("defect", "table_name", "pk", "column_name", "before", "after")


def _rows(defect: str, table: str, pk, column: str, before, after) -> pa.Table:
    n = len(pk)
    parts = (defect, table, names.glue(pc.cast(pa.array(pk), pa.string())), column, before, after)
    return pa.table(
        {
            c: v if isinstance(v, pa.Array) else pa.repeat(pa.scalar(v, pa.string()), n)
            for c, v in zip(_COLUMNS, parts, strict=True)
        }
    )


def user(w: Window) -> pa.Table | None:
    """M07: each damaged address, and the name that was taken from it."""
    dirty = people.user(w)
    if dirty is None:
        return None
    columns = {"email": "M07", "name": "M07"}
    clean = people.user(replace(w, mess="none"))
    return mess.compare(columns, "zendesk.user", ["id"], clean, dirty)


def organization(w: Window) -> pa.Table | None:
    """M13: organizations that come late (before and after: arrival) or never (after: null)."""
    p = w.population
    hit, delay = people.late(w, p.acct)
    due = synced(p.signup + 5 * clock.MINUTE, clock.HOUR)
    i = np.flatnonzero(hit & (due >= w.lo) & (due < w.hi))
    later = synced(p.signup[i] + 5 * clock.MINUTE + np.maximum(delay[i], 0), clock.HOUR)
    came = pa.array([clock.iso(int(t)) for t in later], pa.string())
    return _rows(
        "M13",
        "zendesk.organization",
        organization_id(w.seed, p.acct[i]),
        "_arrived_at",
        pa.array([clock.iso(int(t)) for t in due[i]], pa.string()),
        names.where(delay[i] >= 0, came, None),
    )


def ticket(w: Window) -> pa.Table | None:
    """M09: the team's test tickets. M10: deleted tickets."""
    t = life.tickets(w)

    def arrives(at) -> np.ndarray:
        arrived = synced(at, clock.HOUR)
        return (at >= 0) & (arrived >= w.lo) & (arrived < w.hi)

    test = number(t.r["key"][(t.r["colleague"] >= 0) & arrives(t.at[:, OPENED])])
    gone = number(t.r["key"][arrives(t.at[:, DELETED])])
    table = "zendesk.ticket"
    every = _rows("M09", table, test, "id", None, pc.cast(pa.array(test), pa.string()))
    return pa.concat_tables(
        [every, _rows("M10", table, gone, "_fivetran_deleted", "false", "true")]
    )


LEDGERS = {"user": user, "organization": organization, "ticket": ticket}
