"""L2, weekly: how an account fares: usage level, champion, outages, tickets; and its people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from taproom.world.around import climate
from taproom.world.clock import DAY, HOUR, MINUTE, SECOND
from taproom.world.draws import keys
from taproom.world.draws.arrays import ordinal, running
from taproom.world.people.population import Population, child_key
from taproom.world.state.state import OPEN_TICKET

CHAMPIONS = 6  # generations of champions known in advance: more than ten years
WEEK = 7 * DAY

# Usage level z: weekly pull towards its mean and weekly shock (OU process).
PULL, SHOCK = 0.07, 0.15


@dataclass
class Champions:
    """leave[:, k], back[:, k]: when the k-th champion leaves and the next one is in place."""

    leave: np.ndarray
    back: np.ndarray

    def gone(self, at: int) -> np.ndarray:
        return ((self.leave <= at) & (at < self.back)).any(axis=1)


def champions(seed: int, p: Population) -> Champions:
    """Tenures with 7 leavers per 600 weeks, gaps of ten weeks on average; closed form."""
    k = keys.key(keys.stream_key(seed, "champion"), p.key)
    leave = np.empty((len(p), CHAMPIONS), dtype=np.int64)
    back = np.empty_like(leave)
    at = p.signup
    weeks = 600 / 7 * keys.exp(0.25 * p.champion)
    for j in range(CHAMPIONS):
        stay = 2.0 + keys.exponential(k, 2 * j) * weeks
        leave[:, j] = at + (stay * (WEEK // HOUR)).astype(np.int64) * HOUR
        gap = 1.0 + keys.exponential(k, 2 * j + 1) * 9.0
        back[:, j] = at = leave[:, j] + (gap * (WEEK // HOUR)).astype(np.int64) * HOUR
    return Champions(leave, back)


def add_users(e, i) -> None:
    """The first champion (user 0, owner) and the colleagues he or she invites (from 6 on)."""
    p, c = e.pop, e.champions
    e.facts.new(
        "user",
        len(i),
        acct=p.acct[i],
        n=0,
        role=0,
        champion=True,
        invited=p.signup[i],
        activated=p.signup[i] + 3 * MINUTE,
        deactivated=c.leave[i, 0],
    )
    add_colleagues(e, i, p.n_user[i] - 1, np.zeros(len(i), dtype=np.int64), p.signup[i])


def add_colleagues(e, i, count, first, at) -> None:
    """Invite `count` users to accounts i, ordinals from 6 + first, within 60 days of `at`."""
    p = e.pop
    count = np.maximum(count, 0)
    local = np.repeat(i, count)
    n = CHAMPIONS + np.repeat(first, count) + ordinal(count)
    k = child_key(e.seed, "user", p.acct[local], n)
    invited = np.repeat(at, count) + HOUR + keys.below(k, 0, 60 * 86_400) * SECOND
    wait = (0.1 + 2.0 * keys.exponential(k, 1)) * (DAY // SECOND)
    activated = np.where(keys.chance(k, 2, 0.86), invited + wait.astype(np.int64) * SECOND, -1)
    stay = keys.exponential(k, 3) / 0.10
    left = invited + 40 * DAY + (np.minimum(stay, 30) * 365).astype(np.int64) * DAY
    erased = np.where(keys.chance(k, 5, 0.006), invited + DAY * (90 + keys.below(k, 6, 400)), -1)
    left = np.where(stay < 20, left, -1)
    left = np.where((erased >= 0) & ((left < 0) | (left > erased)), erased, left)
    activated = np.where((activated >= left) & (left >= 0), -1, activated)
    role = 1 + keys.choose(k, 4, np.cumsum([0.30, 0.55, 0.15]))
    e.facts.new(
        "user",
        len(local),
        acct=p.acct[local],
        n=n,
        role=role,
        champion=False,
        invited=invited,
        activated=activated,
        deactivated=left,
        erased=erased,
    )


def week(e, d: int) -> None:
    """One week's step of every account that has signed up, from Monday d."""
    p, a = e.pop, e.acc
    at = d * DAY
    here = e.signup_day <= d
    # Frozen before use: what the week's hazards see is the state on Monday.
    outage = _fail(e, d, at) + 0.02 * climate.isp_outage_hours(e.seed, p.country, d)
    a["outage"] = np.where(here, 0.75 * a["outage"] + outage, 0.0)
    gone = e.champions.gone(at)
    _tickets(e, d, at, here)
    k = keys.key(keys.stream_key(e.seed, "mood"), p.key, d)
    mean = (
        0.90 * p.fit
        + 0.25 * p.tech
        + 0.25 * p.skill
        + climate.season(d) * (1 + 0.3 * p.economics)
        - 1.1 * gone
        - 0.7 * np.minimum(a["outage"], 2.0)
        - 0.15 * np.minimum(a["open_tickets"], 4)
    )
    a["z"] += np.where(here, PULL * (mean - a["z"]) + SHOCK * keys.normal(k, 0), 0.0)
    _successors(e, at, here)
    if e.latent:
        i = np.flatnonzero(here)
        e.facts.new(
            "week",
            len(i),
            acct=p.acct[i],
            day=d,
            z=a["z"][i],
            outage=a["outage"][i],
            gone=gone[i],
            open_tickets=a["open_tickets"][i],
        )


def _fail(e, d: int, at: int) -> np.ndarray:
    """Device failures of the week; returns the outage load they add per account."""
    p, a = e.pop, e.acc
    f = e.fleet.live
    load = np.zeros(len(p))
    if not len(f):
        return load
    up = (f["installed"] <= at) & (f["until"] <= at) & ((f["removed"] < 0) | (f["removed"] > at))
    j = np.flatnonzero(up)
    g, who = f[j], f["local"][j]
    bad_batch = g["batch"] % 13 == 4
    hazard = (
        0.06
        / 52
        * climate.wear((at - g["installed"]) // DAY)
        * np.where(bad_batch, 3.0, 1.0)
        * np.where(climate.on_bad_firmware(g["key"], d), 3.0, 1.0)
        * keys.exp(0.3 * p.environment[who])
    )
    k = keys.key(keys.stream_key(e.seed, "failure"), g["key"], d)
    hit = np.flatnonzero(keys.chance(k, 0, hazard))
    if not len(hit):
        return load
    k, j, who = k[hit], j[hit], who[hit]
    start = at + keys.below(k, 1, 7 * 86_400) * SECOND
    hours = 31.0 * keys.exp(0.8 * keys.normal(k, 2))  # median time to repair 31 h
    until = start + (hours * 60).astype(np.int64) * MINUTE
    f["until"][j] = until
    mode = np.where(bad_batch[hit], 1, keys.below(k, 3, 4))
    e.facts.new(
        "device_failure",
        len(j),
        acct=p.acct[who],
        n=f["n"][j],
        at=start,
        until=until,
        mode=mode,
        hazard=hazard[hit],
    )
    np.add.at(load, who, 3.0 * np.minimum(hours, 72.0) / 24.0 / np.maximum(a["devices"][who], 1))
    return load


def _tickets(e, d: int, at: int, here) -> None:
    p, a = e.pop, e.acc
    e.open = e.open[e.open["solved"] > at]
    alive = here & (a["status"] >= 0) & (a["status"] < 4)
    rate = (
        0.045
        * np.sqrt(np.minimum(p.n_loc, 16))
        * (1.0 + 1.3 * np.minimum(a["outage"], 2.5))
        * keys.exp(-0.2 * p.skill)
    )
    k = keys.key(keys.stream_key(e.seed, "tickets"), p.key, d)
    count = np.where(alive, keys.poisson(k, 0, rate, 4), 0)
    who = np.repeat(np.arange(len(p)), count)
    if len(who):
        n = a["tickets"][who] + running(who)
        np.add.at(a["tickets"], who, 1)
        tk = child_key(e.seed, "ticket", p.acct[who], n)
        start = at + keys.below(tk, 0, 7 * 86_400) * SECOND
        slow = np.where(keys.chance(tk, 1, 0.12), 9.0, 1.0)
        hours = 2.0 + 40.0 * keys.exponential(tk, 2) * slow
        solved = start + (hours * 60).astype(np.int64) * MINUTE
        about_outage = keys.chance(tk, 3, np.minimum(0.15 + 0.4 * a["outage"][who], 0.8))
        e.facts.new(
            "ticket",
            len(who),
            acct=p.acct[who],
            n=n,
            at=start,
            solved=solved,
            priority=keys.choose(tk, 4, np.cumsum([0.06, 0.24, 0.55, 0.15])),
            about=np.where(about_outage, 0, 1 + keys.below(tk, 5, 4)),
        )
        new = np.zeros(len(who), OPEN_TICKET)
        new["local"], new["solved"] = who, solved
        e.open = np.concatenate([e.open, new])
    a["open_tickets"] = np.bincount(e.open["local"], minlength=len(p))


def _successors(e, at: int, here) -> None:
    """New champions of living accounts who are in place within the coming week."""
    p, a, c = e.pop, e.acc, e.champions
    alive = here & (a["status"] >= 0) & (a["status"] < 4)
    came = alive[:, None] & (c.back >= at) & (c.back < at + WEEK)
    i, j = np.nonzero(came[:, : CHAMPIONS - 1])
    if len(i):
        e.facts.new(
            "user",
            len(i),
            acct=p.acct[i],
            n=j + 1,
            role=0,
            champion=True,
            invited=c.back[i, j],
            activated=c.back[i, j] + 2 * HOUR,
            deactivated=c.leave[i, j + 1],
        )
