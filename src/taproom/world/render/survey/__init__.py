"""The survey tool: once a quarter it asks part of the users whether they would recommend Tapwise.

An invitation is exported when it was answered, or when it runs out after two weeks. What people
answer follows how their account fares; whether they answer does too: the content and the angry
write more than those in between, so the answers are no sample of the users.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa

from taproom.world import clock
from taproom.world.clock import DAY, HOUR, SECOND
from taproom.world.draws import keys
from taproom.world.draws.ids import text_id
from taproom.world.people import names
from taproom.world.people.population import TEST, child_key
from taproom.world.render import app
from taproom.world.render.columns import build, integer, stamp, synced, word
from taproom.world.render.survey import words
from taproom.world.state.weekly import alive
from taproom.world.window import Window

SHARE = 0.23  # of the active users, asked in one quarter
OPEN = 14 * DAY  # an invitation can be answered so long
CHANNELS = ("email", "in_app")
_FIRST_QUARTER = int(clock.month_of(clock.START)) // 3

INVITATION = np.dtype(
    [
        ("acct", "i8"),
        ("n", "i8"),
        ("user", "u8"),
        ("key", "u8"),
        ("sent", "i8"),
        ("answered", "i8"),
        ("score", "i1"),
        ("theme", "i1"),
        ("channel", "i1"),
    ]
)


def invitations(w: Window) -> np.ndarray:
    """Invitations whose export can fall into the window (INVITATION); answered -1 if never."""
    first = max(int(clock.month_of((w.lo - OPEN - HOUR) // DAY)) // 3, _FIRST_QUARTER)
    last = int(clock.month_of(w.hi // DAY)) // 3
    parts = [_quarter(w, q) for q in range(first, last + 1)]
    return np.concatenate(parts) if parts else np.empty(0, INVITATION)


def _quarter(w: Window, quarter: int) -> np.ndarray:
    """Invitations of one quarter (months since 1970-01 by three)."""
    u = w.facts.table("user")
    key = child_key(w.seed, "user", u["acct"], u["n"])
    k = keys.key(keys.stream_key(w.seed, "survey"), key, quarter)
    asked = keys.chance(k, 0, SHARE)
    u, key, k = u[asked], key[asked], k[asked]
    # On a working day, 13:00 to 18:00 UTC, five to eighty days into the quarter.
    day = clock.month_start(3 * quarter) + 5 + keys.below(k, 1, 75)
    sunday_first = (day - clock.FOUNDED) % 7
    day = np.where(sunday_first == 0, day + 1, np.where(sunday_first == 6, day + 2, day))
    sent = day * DAY + 13 * HOUR + keys.below(k, 2, 5 * 3600) * SECOND
    p = w.population
    where = np.minimum(np.searchsorted(p.acct, u["acct"]), max(len(p) - 1, 0))
    known = p.acct[where] == u["acct"] if len(p) else np.zeros(len(u), dtype=bool)
    ok = (
        known
        & (u["activated"] >= 0)
        & (u["activated"] < sent - 30 * DAY)
        & ((u["deactivated"] < 0) | (u["deactivated"] > sent))
        & ((u["erased"] < 0) | (u["erased"] > sent))
        & (sent < w.hi)
    )
    ok[ok] &= p.cls[where[ok]] != TEST
    ok[ok] &= alive(w.facts, u["acct"][ok], day[ok])
    u, key, k, day, sent = u[ok], key[ok], k[ok], day[ok], sent[ok]
    out = np.zeros(len(u), INVITATION)
    out["acct"], out["n"], out["user"], out["key"], out["sent"] = u["acct"], u["n"], key, k, sent
    out["channel"] = keys.chance(k, 3, 0.35)
    _answer(w, out, day)
    return out


def _answer(w: Window, out: np.ndarray, day: np.ndarray) -> None:
    """Score, what it is about, and when it is given."""
    k, acct = out["key"], out["acct"]
    z = np.clip(w.weeks.z(acct, day).astype(np.float64), -3, 3)
    outage = np.minimum(w.weeks.outage(acct, day).astype(np.float64), 3.0)
    tickets = np.minimum(w.weeks.open_tickets(acct, day).astype(np.int64), 4)
    # A person's own way to judge stays the same from survey to survey.
    own = keys.normal(keys.mix(out["user"] ^ keys.stream_key(w.seed, "survey manner")), 0)
    mood = 8.05 + 0.95 * z - 0.75 * outage - 0.45 * tickets + 0.7 * own + 1.1 * keys.normal(k, 4)
    mood = np.where(keys.chance(k, 12, 0.035), mood - 4.5, mood)  # a bad day
    out["score"] = np.clip(np.rint(mood), 0, 10)
    strong = np.where(out["score"] >= 9, 0.07, np.where(out["score"] <= 4, 0.05, 0.0))
    rate = 0.25 + strong + 0.10 * out["channel"]
    wait = HOUR // 20 + (keys.exponential(k, 5) * 30 * 3600).astype(np.int64) * SECOND
    gives = keys.chance(k, 6, rate) & (wait < OPEN)
    out["answered"] = np.where(gives, out["sent"] + wait, -1)
    # What a comment speaks of: outages and tickets where there are some, else by chance.
    hurt = keys.chance(k, 7, np.minimum(0.35 * outage, 0.9))
    waits = keys.chance(k, 8, 0.3 * tickets)
    out["theme"] = np.where(hurt, 0, np.where(waits, 1, 2 + keys.below(k, 9, 3)))


def nps_response(w: Window) -> pa.Table | None:
    """One row an invitation, when it was answered or ran out, in that order."""
    v = invitations(w)
    done = np.where(v["answered"] >= 0, v["answered"], v["sent"] + OPEN)
    arrived = synced(done, HOUR)
    rows = np.flatnonzero((arrived >= w.lo) & (arrived < w.hi))
    if not len(rows):
        return None
    rows = rows[np.lexsort((v["key"][rows], done[rows]))]
    v, arrived = v[rows], arrived[rows]
    a = app.accounts_of(w, v["acct"])
    person = np.empty(len(v), dtype=[("acct", "i8"), ("n", "i8"), ("key", "u8")])
    person["acct"], person["n"], person["key"] = v["acct"], v["n"], v["user"]
    given = v["answered"] >= 0
    said = given & keys.chance(v["key"], 10, np.where(v["score"] <= 6, 0.55, 0.33))
    return build(
        "nps_response",
        {
            "id": text_id("nps_", v["key"]),
            # The tool writes to the address that the application holds, as it was typed there.
            "email": app.user_emails(w, a, person),
            "score": integer(v["score"], pa.int32(), ~given),
            "comment": names.where(said, words.comments(v["score"], v["theme"], v["key"]), None),
            "sent_at": stamp(v["sent"]),
            "responded_at": stamp(v["answered"]),
            "channel": word(CHANNELS, v["channel"]),
        },
        arrived,
    )


RENDERERS = {"nps_response": nps_response}


def _addresses(w: Window) -> pa.Table | None:
    """M07: the addresses the application holds in a damaged form, as they came here."""
    from taproom.world import mess

    dirty = nps_response(w)
    if dirty is None:
        return None
    clean = nps_response(replace(w, mess="none"))
    return mess.compare({"email": "M07"}, "survey.nps_response", ["id"], clean, dirty)


LEDGERS = {"nps_response": _addresses}
