"""What the trackers saw happen, as integers: one row a call of track, page or identify."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from taproom.world import clock, mess
from taproom.world.clock import DAY, HOUR, SECOND
from taproom.world.draws import keys
from taproom.world.product import enrolment, usage
from taproom.world.render.segment.words import GUEST_BOARD, INVITATION, LOGIN, SIGNED_IN, SIGNED_UP
from taproom.world.state import weekly
from taproom.world.window import Window

TRACKED_FROM = clock.day(2023, 11, 1)
TRACKS, PAGES, IDENTIFIES = range(3)
LOOK_BACK = 8  # days: the latest arrival is seven days late, and local dates begin before UTC's

_EDGE = clock.END + 1  # where blocks of days meet: no day is drawn in vain for a new world
_BLOCK = 32  # days whose sessions are kept with the facts, for windows and tables that overlap

# Who made a call: a signed-in person, a guest without a login, a crawler, a monitor, the office.
PERSON, GUEST, CRAWLER, MONITOR, OFFICE = range(5)


@dataclass(frozen=True)
class Calls:
    """Calls of one kind as columns: the instant (µs UTC), a 64-bit key, the person (a position
    in usage.People), what was called (a position in words), who called, on a phone or not, and
    whether the session began in a newsletter."""

    at: np.ndarray
    key: np.ndarray
    person: np.ndarray
    what: np.ndarray
    who: np.ndarray
    mobile: np.ndarray
    mail: np.ndarray

    def __len__(self) -> int:
        return len(self.at)

    def take(self, rows) -> Calls:
        """Those at positions, or where a mask is true."""
        return Calls(*(getattr(self, f)[rows] for f in _FIELDS))

    @staticmethod
    def joined(parts: list[Calls]) -> Calls:
        return Calls(*(np.concatenate([getattr(c, f) for c in parts]) for f in _FIELDS))


_FIELDS = tuple(f.name for f in fields(Calls))
_TYPES = (np.int64, np.uint64, np.int32, np.int16, np.int8, np.int8, np.bool_)


def _calls(**columns) -> Calls:
    n = len(columns["at"])
    return Calls(
        *(
            np.asarray(columns[f]).astype(t, copy=False)
            if np.ndim(columns.get(f, 0))
            else np.full(n, columns.get(f, 0), t)
            for f, t in zip(_FIELDS, _TYPES, strict=True)
        )
    )


def traffic(w: Window, kind: int) -> Calls:
    """Calls of track, page or identify, among them all that can arrive in the window.

    The same at every level of mess.
    """
    days = max(w.lo // DAY - LOOK_BACK, TRACKED_FROM - 1), -(-w.hi // DAY) + 1
    switches = enrolment.running(w, *days)
    s = w.once("segment sessions", lambda: _sessions(w, *days))
    p = usage.people(w)
    lo, hi = days[0] * DAY, days[1] * DAY
    if kind == PAGES:
        parts = [*_visited(w, s, switches), _guests(w, p, lo, hi)]
    else:
        signs = s[keys.chance(s["key"], 8, 0.08)]
        new = np.flatnonzero((p.start >= lo) & (p.start < hi))
        new = new[weekly.alive(w.facts, p.acct[new], p.start[new] // DAY)]
        if kind == IDENTIFIES:
            parts = [_identified(signs), _first_identified(p, new)]
        else:
            used = (_used(s, x) for x in usage.uses(w, s, switches))
            parts = [*used, _signed_in(signs), _started(p, new)]
    calls = Calls.joined(parts)
    early = calls.at < TRACKED_FROM * DAY
    return calls.take(~early) if early.any() else calls


def _sessions(w: Window, d0: int, d1: int) -> np.ndarray:
    """Sessions of the local dates d0 <= date < d1, by person and time within blocks of days."""
    if d1 - d0 < 3 * _BLOCK:
        return usage.sessions(w, d0, d1, enrolment.running(w, d0, d1))

    def block(b: int) -> np.ndarray:
        first, last = max(_EDGE + b * _BLOCK, TRACKED_FROM - 1), _EDGE + (b + 1) * _BLOCK
        return usage.sessions(w, first, last, enrolment.running(w, first, last))

    parts = []
    for b in range((d0 - _EDGE) // _BLOCK, -((_EDGE - d1) // _BLOCK)):
        s = w.facts.once(("segment sessions", w.seed, w.paying, b), lambda b=b: block(b))
        inside = _EDGE + b * _BLOCK >= d0 and _EDGE + (b + 1) * _BLOCK <= d1
        parts.append(s if inside else s[(s["day"] >= d0) & (s["day"] < d1)])
    return np.concatenate(parts)


def _visited(w: Window, s: np.ndarray, switches) -> list[Calls]:
    """Pages of people's sessions: the first, and in some that go on a second one."""
    parts, first = [], np.full(len(s), LOGIN, dtype=np.int16)
    for x in usage.uses(w, s, switches, most=2, wanted=_turns):
        opened = x.n == 0
        first[x.session[opened]] = x.feature[opened]
        parts.append(_turned(s, x))
    return [*parts, _opened(s, first)]


def _used(s: np.ndarray, x: usage.Uses) -> Calls:
    of = s[x.session]
    second = (x.key >> np.uint64(8)) & np.uint64(1)  # most features are opened in one way only
    what = x.feature.astype(np.int16) * 4 + second.astype(np.int16) + 2 * x.error
    return _calls(
        at=x.at,
        key=x.key,
        person=of["person"],
        what=what,
        mobile=of["mobile"],
        mail=_by_mail(of["key"]),
    )


def _by_mail(session_key) -> np.ndarray:
    """One session in 32 begins with a link in a newsletter."""
    return (session_key >> np.uint64(40)) & np.uint64(31) == 0


def _turns(n: np.ndarray, key: np.ndarray) -> np.ndarray:
    """Which of the first two uses open a page: the first, and some second ones."""
    opens = n == 0
    second = np.flatnonzero(~opens)
    opens[second] = keys.chance(key[second], 9, 0.2)
    return opens


def _turned(s: np.ndarray, x: usage.Uses) -> Calls:
    """A second page in sessions that go on: that of the second feature, just before its use."""
    on = np.flatnonzero(x.n == 1)
    of = s[x.session[on]]
    return _calls(
        at=x.at[on] - SECOND,
        key=keys.lane(x.key[on], 10),
        person=of["person"],
        what=x.feature[on],
        mobile=of["mobile"],
    )


def _opened(s: np.ndarray, first_page) -> Calls:
    return _calls(
        at=s["at"] - SECOND,
        key=keys.lane(s["key"], 10),
        person=s["person"],
        what=first_page,
        mobile=s["mobile"],
        mail=_by_mail(s["key"]),
    )


def _signed_in(s: np.ndarray) -> Calls:
    return _calls(
        at=s["at"] - 2 * SECOND,
        key=keys.lane(s["key"], 11),
        person=s["person"],
        what=SIGNED_IN,
        mobile=s["mobile"],
    )


def _identified(s: np.ndarray) -> Calls:
    return _calls(
        at=s["at"] - 3 * SECOND // 2,
        key=keys.lane(s["key"], 12),
        person=s["person"],
        mobile=s["mobile"],
    )


def _started(p: usage.People, new) -> Calls:
    """Signed Up by who made the workspace, Invitation Accepted by everybody else."""
    return _calls(
        at=p.start[new] + 2 * SECOND,
        key=keys.lane(p.draws[new], 11),
        person=new,
        what=np.where(p.n[new] == 0, SIGNED_UP, INVITATION),
    )


def _first_identified(p: usage.People, new) -> Calls:
    return _calls(at=p.start[new] + SECOND, key=keys.lane(p.draws[new], 12), person=new)


def _guests(w: Window, p: usage.People, lo: int, hi: int) -> Calls:
    """Looks at a shared board in the ten days before an invitation, on the later browser."""
    who = np.flatnonzero((p.guest_from >= 0) & (p.invited > lo) & (p.invited - 10 * DAY < hi))
    count = keys.below(p.draws[who], 13, 5)
    which = np.repeat(who, count)
    n = usage.ordinal(count)
    with np.errstate(over="ignore"):
        k = keys.mix(p.draws[which] + (n + 60).astype(np.uint64) * keys.G)
    at = p.invited[which] - HOUR - keys.below(k, 0, 10 * 86_400) * SECOND
    kept = (at >= np.maximum(p.guest_from[which], lo)) & (at < hi)
    kept[kept] = weekly.alive(w.facts, p.acct[which[kept]], at[kept] // DAY)
    return _calls(at=at[kept], key=k[kept], person=which[kept], what=GUEST_BOARD, who=GUEST)


def strangers(level: str, pages: Calls) -> Calls:
    """M16: crawlers, a monitor and the office's own people, a few hours after a person's page."""
    made = pages.take(mess.hit(level, "M16", "segment.pages", pages.key))
    k = keys.lane(made.key, 14)
    kind = keys.choose(k, 0, np.array([0.45, 0.75]))
    what = LOGIN + keys.below(k, 1, 4)
    return _calls(
        at=made.at + keys.below(k, 2, 6 * 3600) * SECOND,
        key=keys.lane(k, 3),
        person=made.person,
        what=np.where(kind == 2, made.what, np.where(kind == 1, LOGIN + 3, what)),
        who=CRAWLER + kind,
    )
