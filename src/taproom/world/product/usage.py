"""L3: who opened the application when, and what they used there; closed form from the state.

A person's working day is a local date and runs into the small hours (hours 6 to 25). Whether a
person is active on it is one keyed draw against a rate: the role, the account's usage level z of
the week before, the season, the weekday, the first weeks, taste and technical affinity, and what
the features the person has taken to add (features.py). z falls before an account leaves, so
activity does.

Nothing that happens after the eve of a local date decides its draws (z and plan are those of the
day before), and every session is held to the account's and the person's life on its own UTC day:
an hour's window of the world finds the same sessions as a year's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from taproom.world.around import climate, zones
from taproom.world.clock import DAY, HOUR, MINUTE, SECOND
from taproom.world.draws import keys
from taproom.world.draws.arrays import ordinal
from taproom.world.facts import Facts
from taproom.world.people import names
from taproom.world.people.population import child_key, population
from taproom.world.product import features
from taproom.world.state import weekly
from taproom.world.state.mood import CHAMPIONS
from taproom.world.window import Window

_CELLS = 1 << 18  # person-days worked on at a time, to stay in cache
_USES = 1 << 16  # sessions whose features are drawn at a time

# Share of days on which a person of average taste in an average account is active, by role.
_DAILY = np.array([0.071, 0.071, 0.038, 0.060])
_WEEKDAY = np.array(  # Monday to Sunday, by role
    [
        [1.25, 1.15, 1.10, 1.15, 1.15, 0.75, 0.45],
        [1.20, 1.10, 1.10, 1.15, 1.20, 0.80, 0.45],
        [0.70, 0.80, 0.95, 1.05, 1.35, 1.35, 0.80],
        [1.40, 1.35, 1.35, 1.35, 1.20, 0.20, 0.15],
    ]
)
_MOST = 0.85  # nobody is active every day


def _hours(*weights: int) -> np.ndarray:
    w = np.array(weights, dtype=float)
    return keys.threshold(np.cumsum(w) / w.sum())


# When sessions begin, local hours 6 to 25: thresholds, those of role r from r * 2**33 on.
_HOURS = np.stack(
    [
        _hours(1, 3, 6, 10, 12, 11, 8, 7, 8, 10, 11, 9, 6, 4, 3, 3, 3, 2, 1, 0),
        _hours(1, 2, 4, 8, 11, 11, 8, 7, 9, 11, 11, 9, 7, 5, 4, 4, 4, 3, 2, 1),
        _hours(1, 1, 2, 3, 5, 6, 6, 5, 6, 9, 12, 13, 10, 7, 6, 6, 7, 8, 5, 2),
        _hours(1, 4, 11, 14, 13, 11, 7, 10, 12, 11, 8, 4, 2, 1, 1, 1, 1, 1, 0, 0),
    ]
)
_HOURS = (_HOURS + (np.arange(4) << 33)[:, None]).ravel()
_SESSIONS = keys.threshold(np.array([0.72, 0.92]))  # one, two, else three a day
_DEPTH = np.array([3.0, 3.1, 2.4, 4.2])  # uses after the first, by role
_MOBILE = np.array([0.35, 0.40, 0.70, 0.05])

SESSION = np.dtype(
    [("person", "i4"), ("day", "i4"), ("at", "i8"), ("key", "u8"), ("mobile", "?"), ("uses", "i2")]
)


@dataclass(frozen=True)
class People:
    """Everybody with a login that was ever activated, by account and ordinal.

    start, end: instants (µs UTC) between which the login works. first: the local date of start.
    taste: latent, standard normal. rate: log of the daily rate but for what changes with time.
    taken: features.taken_to.
    guest_from: from when a colleague's shared board may be looked at before the invitation; -1
    for those whose invitation was not foreseen.
    """

    seed: int
    acct: np.ndarray
    n: np.ndarray
    key: np.ndarray
    role: np.ndarray
    zone: np.ndarray
    guest_from: np.ndarray
    invited: np.ndarray
    start: np.ndarray
    end: np.ndarray
    first: np.ndarray
    taste: np.ndarray
    rate: np.ndarray
    draws: np.ndarray
    taken: np.ndarray

    def __len__(self) -> int:
        return len(self.acct)


@dataclass(frozen=True)
class Switch:
    """What one experiment does to people, while it does it; arrays of all people.

    From the instant `on` the weight of `feature` is multiplied by `weight` and it counts as
    taken to where `discovers`; from the day after `day` the activity rate is multiplied by
    `rate`. Both end with the local date `last`.
    """

    feature: int
    rate: float
    on: np.ndarray
    day: np.ndarray
    last: np.ndarray
    weight: np.ndarray
    discovers: np.ndarray


def people(w: Window) -> People:
    """The people of the window's facts; kept with the facts."""
    return w.facts.once(("people", w.seed, w.paying), lambda: _people(w))


def _people(w: Window) -> People:
    f = w.facts.table("user")
    f = f[f["activated"] >= 0]
    f = f[np.lexsort((f["n"], f["acct"]))]
    end = np.full(len(f), np.iinfo(np.int64).max)
    for name in ("deactivated", "erased"):
        end = np.where(f[name] >= 0, np.minimum(end, f[name]), end)
    f, end = f[f["activated"] < end], end[f["activated"] < end]
    pop = population(w.seed, w.paying, np.unique(f["acct"]))
    i = np.searchsorted(pop.acct, f["acct"])
    key = child_key(w.seed, "user", f["acct"], f["n"])
    k = keys.key(keys.stream_key(w.seed, "usage person"), key)
    taste, role = keys.normal(k, 0), f["role"].astype(np.int64)
    first = f["activated"] // DAY
    early = (f["n"] >= CHAMPIONS) & (f["n"] < CHAMPIONS + pop.n_user[i] - 1)
    return People(
        seed=w.seed,
        acct=f["acct"],
        n=f["n"],
        key=key,
        role=role,
        zone=zones.CITY_ZONE[names.home_city(pop.key[i], pop.country[i])],
        guest_from=np.where(early, pop.signup[i] + DAY, -1),
        invited=f["invited"],
        start=f["activated"],
        end=end,
        first=first,
        taste=taste,
        rate=np.round(np.log(_DAILY), 9)[role]
        + 0.55 * taste
        + 0.25 * pop.tech[i]
        + 0.35 * f["champion"],
        draws=keys.key(keys.stream_key(w.seed, "usage day"), key),
        taken=features.taken_to(w.seed, key, role, pop.tech[i], taste, first),
    )


def plan(facts: Facts, acct, day) -> np.ndarray:
    """Plan tier of accounts at the end of days (UTC), 0 before there is any."""

    def make():
        v = facts.table("account_version")
        v = v[np.lexsort((v["at"], v["acct"]))]
        return (v["acct"] << 24) | (v["at"] // DAY), np.maximum(v["tier"], 0).astype(np.int64)

    code, tier = facts.once("plan by day", make)
    acct, day = np.broadcast_arrays(np.asarray(acct, np.int64), np.asarray(day, np.int64))
    at = np.maximum(np.searchsorted(code, (acct << 24) | day, side="right") - 1, 0)
    return np.where(code[at] >> 24 == acct, tier[at], 0)


def sessions(
    w: Window, d0: int, d1: int, switches=(), only=None, without: int | None = None
) -> np.ndarray:
    """Sessions of the local dates d0 <= date < d1, by person and time.

    `switches`: the experiments that act (enrolment.running); `only`: positions of the people
    asked for, all by default; `without`: a feature whose true effect is switched off.
    """
    p = people(w)
    rows = np.arange(len(p)) if only is None else np.asarray(only)
    rows = rows[(p.start[rows] < (d1 + 1) * DAY) & (p.end[rows] > (d0 - 1) * DAY)]
    step = max(64, _CELLS // max(d1 - d0, 1))
    parts = [
        _sessions(w, p, rows[i : i + step], d0, d1, switches, without)
        for i in range(0, len(rows), step)
    ]
    return np.concatenate(parts) if parts else np.empty(0, SESSION)


def rates(w: Window, p: People, u, d0: int, d1: int, switches=(), without=None) -> np.ndarray:
    """Probability that people u are active if they can be, shape (people, days)."""
    days = np.arange(d0, d1)
    mondays, week = np.unique(weekly.monday(days - 1), return_inverse=True)
    acct = p.acct[u][:, None]
    z = w.weeks.z(acct, mondays[None, :]).astype(np.float64)
    rate = p.rate[u][:, None] + 0.45 * np.clip(z, -4, 4) + 0.25 * climate.season(mondays)[None, :]
    rate += 0.40 * (mondays[None, :] < p.first[u][:, None] + 14)
    tier = plan(w.facts, acct, mondays[None, :] - 1)
    for f in np.flatnonzero(features.BETA):
        if f == without:
            continue
        on = (p.taken[u, f][:, None] <= mondays) & (tier >= features.MIN_PLAN[f])
        rate += features.BETA[f] * on
    share = keys.exp(rate)[:, week] * _WEEKDAY[p.role[u]][:, (days + 3) % 7]
    for s in switches:
        if s.rate != 1.0:
            on = (days > s.day[u][:, None]) & (days <= s.last[u][:, None])
            share *= np.where(on, s.rate, 1.0)
    return np.minimum(share, _MOST)


def _sessions(w: Window, p: People, u, d0: int, d1: int, switches, without) -> np.ndarray:
    days = np.arange(d0, d1)
    acct, back = np.unique(p.acct[u], return_inverse=True)
    near = weekly.alive(w.facts, acct[:, None], np.arange(d0 - 1, d1 + 1)).any(axis=1)
    u = u[near[back]]
    with np.errstate(over="ignore"):
        k = keys.mix(p.draws[u][:, None] + days.astype(np.uint64)[None, :] * keys.G)
    likely = keys.threshold(rates(w, p, u, d0, d1, switches, without))
    active = (k >> np.uint64(32)).astype(np.int64) < likely
    i, j = np.nonzero(active)
    k, u = k[i, j], u[i]
    many = keys.u32(k, 0)
    count = 1 + (many >= _SESSIONS[0]) + (many >= _SESSIONS[1])
    which = np.repeat(np.arange(len(u)), count)
    n = ordinal(count)
    u, j = u[which], j[which]
    with np.errstate(over="ignore"):
        k = keys.mix(k[which] + (n + 20).astype(np.uint64) * keys.G)
    role = p.role[u]
    hour = 6 + np.searchsorted(_HOURS, (role << 33) + keys.u32(k, 0), "right") - role * 20
    at = zones.business_start(p.zone[u], days[j])
    at += (hour - zones.FIRST_HOUR) * HOUR + keys.below(k, 1, 3_600_000) * (SECOND // 1000)
    kept = (at >= p.start[u]) & (at + 20 * MINUTE < p.end[u])
    kept[kept] = weekly.alive(w.facts, p.acct[u[kept]], at[kept] // DAY)
    u, j, k, at, role = u[kept], j[kept], k[kept], at[kept], role[kept]
    z = w.weeks.z(p.acct[u], days[j] - 1).astype(np.float64)
    out = np.empty(len(u), SESSION)
    out["person"], out["day"], out["at"], out["key"] = u, days[j], at, k
    out["mobile"] = keys.chance(k, 2, _MOBILE[role])
    depth = _DEPTH[role] * keys.exp(0.10 * np.clip(z, -4, 4))
    out["uses"] = np.where(keys.chance(k, 3, 0.04), 0, 1 + keys.poisson(k, 4, depth))
    return out[np.lexsort((at, u))]


@dataclass(frozen=True)
class Uses:
    """Uses of features; `session` is a position in the sessions they were asked for."""

    session: np.ndarray
    n: np.ndarray
    at: np.ndarray
    key: np.ndarray
    feature: np.ndarray
    error: np.ndarray


def uses(
    w: Window, s: np.ndarray, switches=(), most: int = 99, wanted: Callable | None = None
) -> Iterator[Uses]:
    """Uses of the sessions s, block by block, in their order: of each the first `most`, of
    these the ones `wanted` by a function of (n, key) that gives a mask. A session without any
    only looked (a sign-in, a page)."""
    for i in range(0, len(s), _USES):
        yield _uses(w, s[i : i + _USES], i, switches, most, wanted)


def _uses(w: Window, s: np.ndarray, base: int, switches, most: int, wanted) -> Uses:
    p = people(w)
    total, cumulative = _weights(w, p, s, switches)
    count = np.minimum(s["uses"].astype(np.int64), most)
    which, n = np.repeat(np.arange(len(s)), count), ordinal(count)
    with np.errstate(over="ignore"):
        k = keys.mix(s["key"][which] + (n + 40).astype(np.uint64) * keys.G)
    if wanted is not None:
        rows = np.flatnonzero(wanted(n, k))
        which, n, k = which[rows], n[rows], k[rows]
    draw = keys.below(k, 0, total[which]).astype(np.int32)
    feature = (draw[:, None] >= cumulative[which]).sum(axis=1, dtype=np.uint8)
    # A step of 20 to 100 seconds a session, and each use somewhere in its step.
    step = (20 + (s["key"] >> np.uint64(57)).astype(np.int64) % 81) * SECOND
    at = s["at"][which] + n * step[which] + keys.below(k, 1, step[which])
    error = keys.chance(k, 2, features.error_share(s["day"][which], feature))
    return Uses(which + base, n, at, k, feature, error)


def _open() -> np.ndarray:
    """Weights of the features by plan tier and number of past days of release; 0 for those that
    the plan lacks or that are not out. The live board is always there, so that nobody is without
    a feature."""
    tier = np.arange(features.MIN_PLAN.max() + 1)[:, None, None]
    past = np.arange(len(_RELEASES) + 1)[None, :, None]
    there = (tier >= features.MIN_PLAN) & (np.searchsorted(_RELEASES, features.RELEASED) < past)
    there[..., 0] = True
    return features.WEIGHT * there


_RELEASES = np.unique(features.RELEASED)
_OPEN = _open()


def _weights(w: Window, p: People, s: np.ndarray, switches) -> tuple[np.ndarray, np.ndarray]:
    """Weights of the features for each session: their total and cumulative sums, integers."""
    u, day = s["person"], s["day"]
    tier = plan(w.facts, p.acct[u], day - 1)
    has = p.taken[u] <= day[:, None]
    weight = _OPEN[np.minimum(tier, len(_OPEN) - 1), np.searchsorted(_RELEASES, day)]
    age = day - p.first[u]
    weight[:, features.SETUP] *= np.where(age < 21, 5, 0) + (age < 75)
    for x in switches:
        on = (s["at"] >= x.on[u]) & (day <= x.last[u])
        if on.any():
            has[:, x.feature] |= on & x.discovers[u]
            factor = np.where(on, x.weight[u], 100)
            weight[:, x.feature] = weight[:, x.feature] * factor // 100
    weight[:, 1:] *= has[:, 1:]
    cumulative = np.cumsum(weight, axis=1, dtype=np.int32)
    return cumulative[:, -1].astype(np.int64), cumulative
