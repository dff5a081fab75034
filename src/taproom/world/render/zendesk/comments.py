"""zendesk.ticket_comment: what was written, by whom, and who may read it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from taproom.world import clock
from taproom.world.draws import keys
from taproom.world.draws.ids import number
from taproom.world.people import names
from taproom.world.render.columns import build, stamp, synced
from taproom.world.render.zendesk import life, texts
from taproom.world.render.zendesk.life import (
    ANSWERED,
    NOTED,
    OPENED,
    REOPENED,
    REPLIED,
    SOLVED,
    TRIED,
    VOICE,
    Tickets,
)
from taproom.world.render.zendesk.tickets import actor, moments, requester
from taproom.world.window import Window

_SLOTS = (OPENED, REPLIED, ANSWERED, NOTED, TRIED, REOPENED, SOLVED)


def comment_id(seed: int, ticket_key, slot) -> np.ndarray:
    """Zendesk's number of the comment of a moment, 14 digits."""
    k = keys.key(keys.stream_key(seed, "zendesk comment"), ticket_key, slot)
    return (k % np.uint64(90_000_000_000_000)).astype(np.int64) + 10**13


def _bodies(w: Window, t: Tickets, row, slot) -> pa.StringArray:
    r = t.r[row]
    k, about = keys.key(keys.stream_key(w.seed, "zendesk words"), r["key"], slot), r["about"]
    again = t.at[row, TRIED] >= 0
    some, back = np.unique(row, return_inverse=True)
    opening = texts.openings(w, t, some)[1].take(pa.array(back))
    ways = (
        (slot == REPLIED, texts.written("first", k, about)),
        (slot == ANSWERED, texts.written("answers", k, about)),
        (slot == NOTED, texts.written("notes", k, about)),
        ((slot == TRIED) | (slot == SOLVED), texts.written("solved", k, about)),
        (slot == REOPENED, texts.written("reopenings", k)),
        ((slot == SOLVED) & again, texts.written("solved_again", k)),
        ((slot == SOLVED) & (r["into"] >= 0), texts.written("merged", k)),
        ((slot == SOLVED) & (r["colleague"] >= 0), texts.written("tested", k)),
    )
    body = opening
    for mask, text in ways:
        body = names.where(mask, text, body)
    return body


def ticket_comment(w: Window) -> pa.Table | None:
    """One row a comment, in order of time; a private note is not public."""
    t = life.tickets(w)
    row, slot = moments(w, t, t.at)
    said = np.isin(slot, _SLOTS)
    row, slot = row[said], slot[said]
    if not len(row):
        return None
    at = t.at[row, slot]
    order = np.lexsort((t.r["key"][row], at))
    row, slot, at = row[order], slot[order], at[order]
    arrived = synced(at, clock.HOUR)
    # A colleague enters a call, but the words are the caller's.
    called = (slot == OPENED) & (t.channel[row] == VOICE)
    author = np.where(called, requester(w, t)[row], actor(w, t, row, slot))
    return build(
        "ticket_comment",
        {
            "id": pa.array(comment_id(w.seed, t.r["key"][row], slot)),
            "ticket_id": pa.array(number(t.r["key"][row])),
            "user_id": pa.array(author),
            "created": stamp(at),
            "body": _bodies(w, t, row, slot),
            "public": pa.array(slot != NOTED),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )
