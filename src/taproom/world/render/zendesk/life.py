"""A ticket's life as moments in a fixed order, with what each of them changes.

Between the opening and the solution of the facts: somebody takes it, answers, may ask back,
leave a note, put it on hold, hand it over, and may have to solve it twice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from taproom.world import clock, mess
from taproom.world.clock import DAY, HOUR, MINUTE, SECOND
from taproom.world.draws import keys
from taproom.world.render.zendesk import team as teams
from taproom.world.render.zendesk.requests import CLOSES, requests
from taproom.world.window import Window

SLOTS = 11
OPENED, TAKEN, REPLIED, ANSWERED, NOTED, RESUMED, TRIED, REOPENED, SOLVED, CLOSED, DELETED = range(
    SLOTS
)
STATUS = ("new", "open", "pending", "hold", "solved", "closed", "deleted")
PRIORITY = ("urgent", "high", "normal", "low")
CHANNELS = ("web", "email", "chat", "voice", "api")
WEB, EMAIL, CHAT, VOICE, API = range(5)
_CHANNEL_CDF = np.cumsum(
    [
        [0.30, 0.27, 0.08, 0.17, 0.18],
        [0.40, 0.42, 0.10, 0.08, 0.0],
        [0.45, 0.27, 0.22, 0.06, 0.0],
        [0.42, 0.40, 0.10, 0.08, 0.0],
        [0.34, 0.40, 0.14, 0.12, 0.0],
    ],
    axis=1,
)
# Median hours to the first answer by priority; twice as long at weekends.
_FIRST_HOURS = np.array([0.6, 1.6, 4.0, 9.0])


@dataclass(frozen=True)
class Tickets:
    """Tickets and their moments.

    `at` is (tickets, SLOTS), -1 where a moment does not come. `status`, `priority`, `group` and
    `agent` are of the same shape and hold the new value, or -1 where the moment changes nothing.
    `by` is the team's position of who acts; -2 stands for the requester. `absorbs` is when
    another ticket was merged into this one (-1 never), `other` that ticket's key.
    """

    r: np.ndarray
    at: np.ndarray
    status: np.ndarray
    priority: np.ndarray
    group: np.ndarray
    agent: np.ndarray
    by: np.ndarray
    channel: np.ndarray
    absorbs: np.ndarray
    other: np.ndarray

    def after(self, what: np.ndarray, row, at) -> np.ndarray:
        """The value of one of the changing columns of rows, at instants, all changes done."""
        out = np.full(len(row), -1, dtype=np.int64)
        for slot in range(SLOTS):
            moment, value = self.at[row, slot], what[row, slot]
            out = np.where((moment >= 0) & (moment <= at) & (value >= 0), value, out)
        return out


def tickets(w: Window) -> Tickets:
    """The tickets that can have a row in the window."""
    return w.once("zendesk tickets", lambda: _live(w, requests(w)))


def first_reply(w: Window, r: np.ndarray, k: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """When the team first answers tickets, and whether that answer solves them."""
    span = r["solved"] - r["at"]
    hours = _FIRST_HOURS[r["priority"]] * keys.exp(0.9 * keys.normal(k, 0))
    weekend = (r["at"] // DAY - clock.FOUNDED) % 7 % 6 == 0  # 2023-01-01 was a Sunday
    delay = (hours * np.where(weekend, 2.0, 1.0) * 3600).astype(np.int64) * SECOND
    once = keys.chance(k, 1, 0.55) & (span < 10 * HOUR)
    at = r["at"] + np.minimum(np.maximum(delay, 2 * MINUTE), span * 11 // 20)
    return np.where(once, r["solved"], at // SECOND * SECOND), once


def channels(r: np.ndarray) -> np.ndarray:
    """By which way requests came, as positions in CHANNELS; who can't sign in writes a mail."""
    above = keys.u32(r["key"], 31)[:, None] >= keys.threshold(_CHANNEL_CDF)[r["about"]]
    return np.where(r["left"], EMAIL, np.minimum(above.sum(axis=1), API))


def _live(w: Window, r: np.ndarray) -> Tickets:
    n, k = len(r), r["key"]
    team = teams.team(w.seed, w.paying)
    test, merged = r["colleague"] >= 0, r["into"] >= 0
    reply, once = first_reply(w, r, k)
    once |= test | merged
    long = ~once & (r["solved"] - r["at"] > 20 * HOUR)
    hold = long & (r["about"] == 0) & keys.chance(k, 2, 0.35)
    note = ~once & (hold | keys.chance(k, 3, 0.22))
    asked = ~once & keys.chance(k, 4, 0.42)
    again = long & keys.chance(k, 5, 0.075)
    handed = note & keys.chance(k, 6, 0.5)

    at = np.full((n, SLOTS), -1, dtype=np.int64)
    rest = r["solved"] - reply

    def between(slot: int, lo: int, hi: int, mask) -> None:
        share = lo * 1000 + keys.below(k, 10 + slot, (hi - lo) * 1000)
        at[:, slot] = np.where(mask, (reply + rest // 100_000 * share) // SECOND * SECOND, -1)

    at[:, OPENED], at[:, SOLVED] = r["at"], r["solved"]
    wait = np.where(once, r["solved"], reply) - r["at"]
    taken = r["at"] + wait // 100 * (15 + keys.below(k, 7, 50))
    at[:, TAKEN] = np.where(test, -1, taken // SECOND * SECOND)
    at[:, REPLIED] = np.where(once, -1, reply)
    between(ANSWERED, 8, 30, asked)
    between(NOTED, 33, 45, note)
    between(RESUMED, 50, 65, hold | handed)
    between(TRIED, 68, 78, again)
    between(REOPENED, 83, 94, again)
    at[:, CLOSED] = np.where(merged, -1, ((r["solved"] + CLOSES) // HOUR + 1) * HOUR)
    gone = mess.hit(w.mess, "M10", "zendesk.ticket", k)
    later = r["solved"] + CLOSES + (DAY + keys.below(k, 8, 25 * 86_400) * SECOND)
    at[:, DELETED] = np.where(gone, later, -1)

    status = np.full((n, SLOTS), -1, dtype=np.int8)
    status[:, OPENED], status[:, TAKEN], status[:, SOLVED] = 0, 1, np.where(merged, 5, 4)
    status[:, REPLIED] = np.where(asked, 2, -1)
    status[:, ANSWERED] = 1
    status[:, NOTED], status[:, RESUMED] = np.where(hold, 3, -1), np.where(hold, 1, -1)
    status[:, TRIED], status[:, REOPENED] = 4, 1
    status[:, CLOSED], status[:, DELETED] = 5, 6
    priority = np.full((n, SLOTS), -1, dtype=np.int8)
    typed = np.where(keys.chance(k, 9, 0.2), 2 + (r["priority"] == 2), r["priority"])
    priority[:, OPENED] = np.where(test, 2, typed)
    priority[:, TAKEN] = np.where(typed == r["priority"], -1, r["priority"])
    raised = again & (r["priority"] > 0) & keys.chance(k, 30, 0.4)
    priority[:, REOPENED] = np.where(raised, r["priority"] - 1, -1)
    channel = np.where(test, WEB, channels(r))
    right = teams.GROUP_OF[r["about"]]
    known = (channel == WEB) | (channel == API) | keys.chance(k, 32, 0.4)
    group = np.full((n, SLOTS), -1, dtype=np.int8)
    group[:, OPENED] = np.where(known, right, 0)
    group[:, TAKEN] = np.where(group[:, OPENED] == right, -1, right)
    first = team.someone(k, 33, r["at"])
    second = np.where(handed, team.someone(k, 34, r["at"]), first)
    agent = np.full((n, SLOTS), -1, dtype=np.int16)
    agent[:, TAKEN] = first
    agent[:, RESUMED] = np.where(handed & (second != first), second, -1)
    agent[:, SOLVED] = np.where(test, r["colleague"], -1)

    by = np.full((n, SLOTS), -2, dtype=np.int16)
    by[:, OPENED] = np.where(channel == API, teams.MONITOR, np.where(channel == VOICE, first, -2))
    by[:, [TAKEN, REPLIED, NOTED]] = first[:, None]
    by[:, [RESUMED, TRIED, SOLVED, DELETED]] = second[:, None]
    by[:, CLOSED] = teams.SYSTEM
    by[test] = r["colleague"][test, None]
    by[test, CLOSED] = teams.SYSTEM
    absent = at < 0
    for changes in (status, priority, group, agent):
        changes[absent] = -1
    absorbs, other = _absorbed(r)
    return Tickets(r, at, status, priority, group, agent, by, channel, absorbs, other)


def _absorbed(r: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For tickets that took in another one: when, and the other's key."""
    at, other = np.full(len(r), -1, dtype=np.int64), np.zeros(len(r), dtype=np.uint64)
    m = np.flatnonzero(r["into"] >= 0)
    if len(m):
        order = np.lexsort((r["n"], r["acct"]))
        code = (r["acct"][order] << 24) + r["n"][order]
        wanted = (r["acct"][m] << 24) + r["into"][m]
        found = np.minimum(np.searchsorted(code, wanted), len(r) - 1)
        there = code[found] == wanted
        at[order[found[there]]] = r["solved"][m[there]]
        other[order[found[there]]] = r["key"][m[there]]
    return at, other
