"""zendesk.ticket and zendesk.ticket_field_history: versions of tickets, and each change."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from taproom.world import clock
from taproom.world.draws import keys
from taproom.world.draws.ids import number
from taproom.world.people import names
from taproom.world.render.columns import build, constant, last_of, stamp, synced, text, word
from taproom.world.render.zendesk import life, texts
from taproom.world.render.zendesk import team as teams
from taproom.world.render.zendesk.life import DELETED, OPENED, SLOTS, Tickets
from taproom.world.window import Window

TYPES = ("question", "incident", "problem", "task")
FIELDS = ("status", "priority", "group_id", "assignee_id")


def kind(t: Tickets) -> np.ndarray:
    """Position in TYPES: incidents and problems are about devices."""
    draw = keys.below(t.r["key"], 40, 100)
    device = np.where(draw < 12, 2, 1)
    other = np.where(draw < 70, 0, 3)
    return np.where(t.r["about"] == 0, device, other)


def requester(w: Window, t: Tickets) -> np.ndarray:
    """Zendesk's number of who asks; a colleague on test tickets."""
    mine = teams.agent_id(w.seed, w.paying, t.r["colleague"])
    return np.where(t.r["colleague"] >= 0, mine, teams.user_id(w.seed, t.r["acct"], t.r["who"]))


def actor(w: Window, t: Tickets, row, slot) -> np.ndarray:
    """Zendesk's number of who acts in a moment of a ticket."""
    by = t.by[row, slot]
    return np.where(by == -2, requester(w, t)[row], teams.agent_id(w.seed, w.paying, by))


def moments(w: Window, t: Tickets, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(row, slot) of the moments `at` (tickets, SLOTS) that arrive in the window."""
    arrived = synced(at, clock.HOUR)
    return np.nonzero((at >= 0) & (arrived >= w.lo) & (arrived < w.hi))


def ticket(w: Window) -> pa.Table | None:
    """One row for each hour in which something about a ticket changed, as it then stood."""
    t = life.tickets(w)
    row, column = moments(w, t, np.column_stack([t.at, t.absorbs]))
    if not len(row):
        return None
    at = np.where(column < SLOTS, t.at[row, np.minimum(column, SLOTS - 1)], t.absorbs[row])
    arrived = synced(at, clock.HOUR)
    order = np.lexsort((at, row))
    order = order[last_of((row[order],), arrived[order])]
    order = order[np.lexsort((t.r["key"][row[order]], at[order], arrived[order]))]
    row, at, arrived = row[order], at[order], arrived[order]
    some, back = np.unique(row, return_inverse=True)
    subject, body = texts.openings(w, t, some)
    customer = t.r["colleague"][row] < 0
    agent = t.after(t.agent, row, at)
    merged = (t.absorbs[row] >= 0) & (t.absorbs[row] <= at)
    took = names.glue("[", text(number(t.other[row])), "]")
    here = pa.array(back)
    return build(
        "ticket",
        {
            "id": pa.array(number(t.r["key"][row])),
            "subject": subject.take(here),
            "description": body.take(here),
            "status": word(life.STATUS, t.after(t.status, row, at)),
            "priority": word(life.PRIORITY, t.after(t.priority, row, at)),
            "type": word(TYPES, kind(t)[row]),
            "created_at": stamp(t.r["at"][row]),
            "updated_at": stamp(at),
            "requester_id": pa.array(requester(w, t)[row]),
            "submitter_id": pa.array(actor(w, t, row, np.full(len(row), OPENED))),
            "assignee_id": pa.array(teams.agent_id(w.seed, w.paying, agent), mask=agent < 0),
            "organization_id": pa.array(
                teams.organization_id(w.seed, t.r["acct"][row]), mask=~customer
            ),
            "group_id": pa.array(teams.group_id(w.seed, t.after(t.group, row, at))),
            "via_channel": word(life.CHANNELS, t.channel[row]),
            "has_incidents": pa.array(kind(t)[row] == 2),
            "merged_ticket_ids": names.where(merged, took, "[]"),
            "_fivetran_deleted": pa.array((t.at[row, DELETED] >= 0) & (t.at[row, DELETED] <= at)),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )


def ticket_field_history(w: Window) -> pa.Table | None:
    """One row for each field that a moment sets, in order of time."""
    t = life.tickets(w)
    row, slot = moments(w, t, t.at)
    found = []
    for field, values in enumerate((t.status, t.priority, t.group, t.agent)):
        set_ = np.flatnonzero(values[row, slot] >= 0)
        found.append((row[set_], slot[set_], np.full(len(set_), field)))
    row, slot, field = (np.concatenate(c) for c in zip(*found, strict=True))
    if not len(row):
        return None
    at = t.at[row, slot]
    order = np.lexsort((field, t.r["key"][row], at))
    row, slot, field, at = row[order], slot[order], field[order], at[order]
    group = np.maximum(t.group[row, slot], 0)
    value = names.where(
        field == 0,
        word(life.STATUS, t.status[row, slot]),
        names.where(
            field == 1,
            word(life.PRIORITY, t.priority[row, slot]),
            names.where(
                field == 2,
                text(teams.group_id(w.seed, group)),
                text(teams.agent_id(w.seed, w.paying, t.agent[row, slot])),
            ),
        ),
    )
    arrived = synced(at, clock.HOUR)
    return build(
        "ticket_field_history",
        {
            "ticket_id": pa.array(number(t.r["key"][row])),
            "field_name": word(FIELDS, field),
            "updated": stamp(at),
            "value": value,
            "user_id": pa.array(actor(w, t, row, slot)),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )


def group(w: Window) -> pa.Table | None:
    """The team's groups, delivered once, when the company opens."""
    at = np.full(len(teams.GROUPS), clock.FOUNDED * clock.DAY, dtype=np.int64)
    arrived = synced(at, clock.HOUR)
    if not w.lo <= arrived[0] < w.hi:
        return None
    return build(
        "group",
        {
            "id": pa.array(teams.group_id(w.seed, np.arange(len(at)))),
            "name": pa.array(teams.GROUPS),
            "created_at": stamp(at),
            "updated_at": stamp(at),
            "_fivetran_deleted": constant(False, len(at), pa.bool_()),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )
