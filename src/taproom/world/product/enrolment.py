"""L3: who takes part in an experiment, what it does to them, and both outcomes of every unit.

A unit enrols at the first session of one of its people, while units are let in. No experiment
touches the activity that decides this, so a unit's outcome with and without the treatment comes
from the same draws with the treatment switched.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from taproom.world.clock import DAY, MINUTE, SECOND
from taproom.world.draws import keys
from taproom.world.people.population import account_key
from taproom.world.product import features, usage
from taproom.world.product.experiments import (
    CONTROL,
    EARLY,
    ENROL,
    EXPERIMENTS,
    STAY,
    TREATMENT,
    USED,
    Experiment,
)
from taproom.world.window import Window

# Stream of the arms. Its name was picked among ten so that in the course's own company (small,
# seed 42) each experiment shows what it is there to show; elsewhere chance has its way.
SALT = "variant"
LOST = np.array([0.01, 0.13])  # of the treatment arm, on a desktop and on a phone: 6% in all
CROSS = 0.08  # of all units


def arm_key(seed: int, e: Experiment) -> np.uint64:
    """What a unit's key is mixed with to draw its arm."""
    return keys.key(keys.stream_key(seed, SALT), np.arange(len(EXPERIMENTS)))[e.number]


@dataclass(frozen=True)
class Enrolment:
    """The units of one experiment, by the instant of enrolment.

    unit: 64-bit key of the account or user. head: position of a person of the unit. arm: as
    drawn. lost: the redirect failed, nothing was recorded and nothing was shown. at, day:
    instant and local date of the first session. crossed: when the unit changed sides (µs), -1.
    unit_of: position of each person's unit, -1 for people without.
    """

    experiment: Experiment
    unit: np.ndarray
    head: np.ndarray
    arm: np.ndarray
    lost: np.ndarray
    at: np.ndarray
    day: np.ndarray
    crossed: np.ndarray
    crossed_day: np.ndarray
    unit_of: np.ndarray

    def __len__(self) -> int:
        return len(self.unit)


def enrol(w: Window, e: Experiment) -> Enrolment:
    """Who takes part in an experiment; kept with the facts."""
    name = ("enrolment", w.seed, w.paying, e.key)
    return w.facts.once(name, lambda: _enrolment(w, e))


def _unit_keys(w: Window, e: Experiment) -> np.ndarray:
    """Key of the unit each person belongs to."""
    p = usage.people(w)
    return p.key if e.unit == "user" else account_key(w.seed, p.acct)


def _enrolment(w: Window, e: Experiment) -> Enrolment:
    p = usage.people(w)
    s = usage.sessions(w, e.first_day - 1, e.first_day + ENROL + 2)
    s = s[(s["at"] >= e.started) & (s["at"] < e.enrols_until)]
    plan = usage.plan(w.facts, p.acct[s["person"]], s["day"] - 1)
    s = s[plan >= features.MIN_PLAN[e.feature_index]]
    person_unit = _unit_keys(w, e)
    unit = person_unit[s["person"]]
    order = np.lexsort((unit, s["at"]))
    s, unit = s[order], unit[order]
    _, first = np.unique(unit, return_index=True)
    first = np.sort(first)
    s, unit = s[first], unit[first]
    k = keys.mix(unit ^ arm_key(w.seed, e))
    let_in = keys.chance(k, 4, e.traffic)
    s, unit, k = s[let_in], unit[let_in], k[let_in]
    arm = keys.chance(k, 0, e.share).astype(np.int64)
    phone = s["mobile"].astype(np.int64)
    lost = (arm == TREATMENT) & keys.chance(k, 1, LOST[phone] if e.defect == "srm" else 0.0)
    moves = keys.chance(k, 1, CROSS if e.defect == "crossover" else 0.0)
    later = s["at"] + (3 + keys.below(k, 2, 7)) * DAY + keys.below(k, 3, 12 * 3600) * SECOND
    crossed = np.where(moves, later, -1)
    by_key = np.argsort(unit)
    member = np.full(len(p), -1)
    if len(unit):
        found = by_key[np.minimum(np.searchsorted(unit[by_key], person_unit), len(unit) - 1)]
        member = np.where(unit[found] == person_unit, found, -1)
    return Enrolment(
        experiment=e,
        unit=unit,
        head=s["person"].astype(np.int64),
        arm=arm,
        lost=lost,
        at=s["at"],
        day=s["day"].astype(np.int64),
        crossed=crossed,
        crossed_day=np.where(crossed >= 0, crossed // DAY, -1),
        unit_of=member,
    )


def switch(w: Window, e: Experiment, arm=None) -> usage.Switch:
    """What an experiment does to people: as it was, or with every unit in one arm.

    `arm`: CONTROL or TREATMENT for all units (nothing lost, nobody changes sides).
    """
    r = enrol(w, e)
    p = usage.people(w)
    never = np.iinfo(np.int64).max
    on, day, last = r.at.copy(), r.day.copy(), r.day + STAY
    if arm is None:
        treated = (r.arm == TREATMENT) & ~r.lost
        moved = r.crossed >= 0
        last = np.where(moved & treated, r.crossed_day, last)
        later = moved & (r.arm == CONTROL)
        on, day = np.where(later, r.crossed, on), np.where(later, r.crossed_day, day)
        on = np.where(treated | later, on, never)
    else:
        on = np.where(arm == TREATMENT, on, never)
    late = (r.day >= e.first_day + EARLY) & (e.late is not None)
    weight = np.where(late, e.late[1] if e.late else e.weight, e.weight)
    chance = np.where(late, e.late[0] if e.late else e.discovers, e.discovers)
    k = keys.mix(p.key ^ arm_key(w.seed, e))
    member, u = r.unit_of >= 0, np.maximum(r.unit_of, 0)

    def of_people(values, nothing):
        if not len(r):
            return np.full(len(p), nothing)
        return np.where(member, values[u], nothing)

    on = of_people(on, never)
    return usage.Switch(
        feature=e.feature_index,
        rate=e.rate,
        on=on,
        day=np.where(on == never, never, of_people(day, never)),
        last=of_people(last, -1),
        weight=of_people(weight, 100),
        discovers=keys.chance(k, 2, of_people(chance, 0.0)),
    )


def running(w: Window, d0: int, d1: int) -> list[usage.Switch]:
    """The experiments that act on some of the local dates d0 <= date < d1."""
    out = []
    for e in EXPERIMENTS:
        if e.defect != "null" and e.first_day - 1 < d1 and d0 <= e.first_day + ENROL + STAY + 2:
            name = ("switch", w.seed, w.paying, e.key)
            out.append(w.facts.once(name, lambda e=e: switch(w, e)))
    return out


@dataclass(frozen=True)
class Recorded:
    """What happened to the units of an experiment before the window's end, µs UTC, -1 for never.

    exposed: when the unit first came where the feature stands. moved: its first session after it
    changed sides. exposed_again: when it first came there after that.
    """

    exposed: np.ndarray
    moved: np.ndarray
    exposed_again: np.ndarray


def recorded(w: Window, r: Enrolment) -> Recorded:
    """Exposures and changes of sides. Three sessions in five come where the feature stands.

    A unit that was lost is never exposed.
    """
    e = r.experiment
    d0, d1 = e.first_day - 1, min(e.first_day + ENROL + STAY + 2, -(-w.hi // DAY) + 1)
    who = np.flatnonzero(r.unit_of >= 0)
    s = usage.sessions(w, d0, max(d0, d1), running(w, d0, d1), who)
    u = r.unit_of[s["person"]]
    kept = (s["at"] >= r.at[u]) & (s["day"] <= r.day[u] + STAY)
    s, u = s[kept], u[kept]
    seen = keys.chance(s["key"], 5, 0.6) & ~r.lost[u]
    seen_at = s["at"] + 4 * SECOND + keys.below(s["key"], 6, 60) * SECOND
    later = (r.crossed[u] >= 0) & (s["at"] >= r.crossed[u])
    return Recorded(
        exposed=_first(len(r), u, seen_at, seen),
        moved=_first(len(r), u, s["at"], later),
        exposed_again=_first(len(r), u, seen_at, seen & later),
    )


def _first(n: int, unit, at, mask) -> np.ndarray:
    """Earliest instant of each of n units where the mask is true, -1 for none."""
    never = np.iinfo(np.int64).max
    out = np.full(n, never)
    np.minimum.at(out, unit[mask], at[mask])
    return np.where(out == never, -1, out)


def outcome(w: Window, e: Experiment, arm=None) -> np.ndarray:
    """The primary metric of each unit: as it was, or with every unit in one arm.

    used_feature_14d: 1.0 if a person of the unit used the feature within 14 days of enrolment.
    active_days_28d: days (UTC) with a use of any feature within 28 days, mean of the unit's
    people.
    """
    r = enrol(w, e)
    if not len(r):
        return np.empty(0)
    s, found = _uses_of(w, r, [switch(w, e, arm)])
    u = r.unit_of[s["person"]]
    out = np.zeros(len(r))
    if e.metric == USED:
        for x in found:
            v = u[x.session]
            hit = (x.feature == e.feature_index) & ~x.error
            hit &= (x.at >= r.at[v]) & (x.at < r.at[v] + 14 * DAY)
            out[v[hit]] = 1.0
        return out
    days = []
    for x in found:
        v = u[x.session]
        inside = (x.at >= r.at[v]) & (x.at < r.at[v] + 28 * DAY) & ~x.error
        days.append((s["person"][x.session[inside]].astype(np.int64) << 24) | x.at[inside] // DAY)
    person = np.unique(np.concatenate(days)) >> 24
    np.add.at(out, r.unit_of[person], 1.0)
    return out / np.bincount(r.unit_of[r.unit_of >= 0], minlength=len(r))


def _uses_of(w: Window, r: Enrolment, switches):
    """Sessions and uses of the enrolled people from enrolment to its end."""
    d0 = r.experiment.first_day - 1
    who = np.flatnonzero(r.unit_of >= 0)
    s = usage.sessions(w, d0, d0 + ENROL + STAY + 4, switches, who)
    u = r.unit_of[s["person"]]
    s = s[(s["at"] >= r.at[u] - MINUTE) & (s["day"] <= r.day[u] + STAY + 1)]
    return s, list(usage.uses(w, s, switches))
