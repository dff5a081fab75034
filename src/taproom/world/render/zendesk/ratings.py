"""zendesk.satisfaction_rating: a rating is offered a day after the solution; some are given."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from taproom.world import clock
from taproom.world.clock import DAY, HOUR, SECOND
from taproom.world.draws import keys
from taproom.world.draws.ids import number
from taproom.world.people import names
from taproom.world.render.columns import build, last_of, stamp, synced, word
from taproom.world.render.zendesk import life, texts
from taproom.world.render.zendesk import team as teams
from taproom.world.render.zendesk.life import API, REOPENED, REPLIED, SOLVED, Tickets
from taproom.world.render.zendesk.tickets import requester
from taproom.world.window import Window

SCORES = ("offered", "good", "bad")


def _answers(t: Tickets) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """When a rating is offered and given (-1 never), and whether it is good.

    Patience runs out with the days to the solution, a late first answer and a second try.
    """
    r, k = t.r, t.r["key"]
    askable = (r["colleague"] < 0) & (r["into"] < 0) & (t.channel != API)
    offered = np.where(askable, ((r["solved"] + DAY) // HOUR + 1) * HOUR, -1)
    days = (r["solved"] - r["at"]) / DAY
    first = np.where(t.at[:, REPLIED] >= 0, t.at[:, REPLIED], t.at[:, SOLVED]) - r["at"]
    again = t.at[:, REOPENED] >= 0
    p = 0.97 - 0.035 * np.minimum(days, 8) - 0.08 * (first > 12 * HOUR) - 0.25 * again
    good = keys.chance(k, 60, p)
    given = keys.chance(k, 61, np.where(good, 0.26, 0.36))
    wait = (HOUR // 4) + (keys.exponential(k, 62) * 20 * 3600).astype(np.int64) * SECOND
    return offered, np.where(given & askable, offered + wait, -1), good


def satisfaction_rating(w: Window) -> pa.Table | None:
    """One row when a rating is offered, another when it is given."""
    t = life.tickets(w)
    offered, given, good = _answers(t)
    both = np.column_stack([offered, given])
    arrived = synced(both, clock.HOUR)
    row, step = np.nonzero((both >= 0) & (arrived >= w.lo) & (arrived < w.hi))
    if not len(row):
        return None
    at, arrived = both[row, step], arrived[row, step]
    keep = last_of((row,), arrived)
    keep = keep[np.lexsort((t.r["key"][row[keep]], at[keep]))]
    row, step, at, arrived = row[keep], step[keep], at[keep], arrived[keep]
    k, bad = t.r["key"][row], ~good[row] & (step == 1)
    said = (step == 1) & keys.chance(k, 63, np.where(good[row], 0.25, 0.6))
    comment = names.where(bad, texts.written("blame", k), texts.written("praise", k))
    last = t.r["solved"][row]
    agent = teams.agent_id(w.seed, w.paying, t.after(t.agent, row, last))
    return build(
        "satisfaction_rating",
        {
            "id": pa.array(number(keys.mix(k ^ keys.stream_key(w.seed, "zendesk rating")))),
            "ticket_id": pa.array(number(k)),
            "requester_id": pa.array(requester(w, t)[row]),
            "assignee_id": pa.array(agent),
            "group_id": pa.array(teams.group_id(w.seed, t.after(t.group, row, last))),
            "score": word(SCORES, np.where(step == 0, 0, np.where(good[row], 1, 2))),
            "comment": names.where(said, comment, None),
            "reason": names.where(bad & keys.chance(k, 64, 0.7), texts.written("reasons", k), None),
            "created_at": stamp(offered[row]),
            "updated_at": stamp(at),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )
