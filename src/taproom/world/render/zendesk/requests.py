"""Which tickets there are and who asks: the world's tickets, their requesters, and test tickets."""

from __future__ import annotations

import numpy as np

from taproom.world import clock, mess
from taproom.world.clock import DAY, HOUR, SECOND
from taproom.world.draws import keys
from taproom.world.people.population import child_key
from taproom.world.render.zendesk import team as teams
from taproom.world.window import Window

REQUEST = np.dtype(
    [
        ("acct", "i8"),
        ("n", "i8"),
        ("at", "i8"),
        ("solved", "i8"),
        ("priority", "i1"),
        ("about", "i1"),
        ("who", "i8"),  # the asking user's ordinal in the account
        ("left", "?"),  # whether that user's login had been closed before
        ("into", "i8"),  # ordinal of the ticket this one is merged into, or -1
        ("colleague", "i2"),  # who of the team opened a test ticket, or -1
        ("key", "u8"),
    ]
)
AFTER = 60 * DAY  # nothing happens to a ticket so long after it was solved
CLOSES = 96 * HOUR  # a solved ticket is closed by an automation
_WEIGHT = np.array([2.5, 1.5, 0.7, 0.7])  # who asks, by role: owners most


def ticket_key(seed: int, acct, n) -> np.ndarray:
    """Key of a ticket in this source; Zendesk's number comes from it."""
    return keys.mix(child_key(seed, "ticket", acct, n) ^ keys.stream_key(seed, "zendesk ticket"))


def requests(w: Window) -> np.ndarray:
    """Tickets with a moment that can arrive in the window, by account and time (REQUEST)."""
    every = of_customers(w)
    near = every[(every["at"] < w.hi) & (every["solved"] + AFTER >= w.lo)]
    return np.concatenate([near, _tests(w)])


def of_customers(w: Window) -> np.ndarray:
    """Every ticket of a customer in the facts, those not yet opened too."""
    return w.facts.once(("zendesk requests", w.seed), lambda: _of_customers(w))


def _of_customers(w: Window) -> np.ndarray:
    f = w.facts.table("ticket")
    f = f[np.lexsort((f["n"], f["at"], f["acct"]))]
    r = np.zeros(len(f), REQUEST)
    for name in ("acct", "n", "at", "solved", "priority", "about"):
        r[name] = f[name]
    r["key"] = ticket_key(w.seed, r["acct"], r["n"])
    r["who"], r["left"] = _who(w, r)
    r["into"] = _merged(r)
    r["colleague"] = -1
    return r


def _who(w: Window, r: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The user who asks: one who is active then; where nobody is, the one who was last. And
    whether it is such a one."""
    u = w.facts.table("user")
    u = u[np.lexsort((u["n"], u["acct"]))]
    start = np.searchsorted(u["acct"], r["acct"], side="left")
    count = np.searchsorted(u["acct"], r["acct"], side="right") - start
    one = np.repeat(np.arange(len(r)), count)
    place = np.arange(len(one)) - np.repeat(np.cumsum(count) - count, count)
    v, at = u[start[one] + place], r["at"][one]
    key = child_key(w.seed, "user", v["acct"], v["n"])
    cost = keys.exponential(keys.mix(key ^ r["key"][one]), 0) / _WEIGHT[v["role"]]
    came = (v["activated"] >= 0) & (v["activated"] <= at)
    left = came & (v["deactivated"] >= 0) & (v["deactivated"] <= at)
    cost = np.where(left, 1e3 + (at - v["deactivated"]) / DAY, cost)
    cost = np.where(came, cost, 1e6 + v["n"])
    order = np.lexsort((cost, one))
    first = np.searchsorted(one[order], np.arange(len(r)), side="left")
    who = order[first]
    return v["n"][who], left[who]


def _merged(r: np.ndarray) -> np.ndarray:
    """Ordinal of the ticket a ticket is merged into: asked twice within a day about one thing."""
    twice = np.zeros(len(r), dtype=bool)
    a, b = r[:-1], r[1:]
    twice[1:] = (
        (a["acct"] == b["acct"])
        & (a["about"] == b["about"])
        & (b["at"] - a["at"] < 2 * DAY)
        & (b["at"] < a["solved"])
        & (b["solved"] < a["solved"] + CLOSES)
    )
    twice[1:] &= ~twice[:-1].copy()
    return np.where(twice, np.r_[-1, r["n"][:-1]] if len(r) else r["n"], -1)


def _tests(w: Window) -> np.ndarray:
    """M09: tickets by which the team tries its own forms; they belong to no customer."""
    t = teams.team(w.seed, w.paying)
    mine = 1 + np.flatnonzero(np.isin(t.home[1:], w.population.acct))
    week = np.arange(max(w.lo // DAY - 70, clock.FOUNDED) // 7, w.hi // DAY // 7 + 1)
    who, week = (x.ravel() for x in np.meshgrid(mine, week, indexing="ij"))
    k = keys.key(keys.stream_key(w.seed, "zendesk tests"), who, week)
    # Some 3.8 tickets of customers for each account that will pay, in 156 weeks.
    share = mess.rate(w.mess, "M09", "zendesk.ticket") * 3.8 * w.paying / 156 / (len(t.home) - 1)
    at = week * 7 * DAY + keys.below(k, 1, 7 * 86_400) * SECOND
    hit = keys.chance(k, 0, share) & (at > t.hired[who]) & (at < w.hi)
    r = np.zeros(int(hit.sum()), REQUEST)
    r["acct"], r["n"], r["at"] = t.home[who[hit]], -2 - week[hit], at[hit]
    r["solved"] = r["at"] + (3 + keys.below(k[hit], 2, 60)) * clock.MINUTE
    r["priority"], r["about"], r["who"], r["into"] = 2, 2, -1, -1
    r["colleague"] = who[hit]
    r["key"] = ticket_key(w.seed, r["acct"], r["n"])
    return r
