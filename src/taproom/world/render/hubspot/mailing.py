"""Who gets which marketing e-mail, and what comes of it.

Until the sign-up a person with a lead's form fill is mailed as a prospect: what he or she opens
and clicks are exactly the e-mail touches of touches.py, each in the e-mail of its theme sent
last before it, and who is held back by the lift test (arm 0) gets nothing. Users are mailed
as customers; they open by their own habits. Machines open too: privacy proxies of mail programs
soon after the delivery, virus scanners within seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from taproom.world.clock import DAY, HOUR, MINUTE, SECOND
from taproom.world.draws import keys
from taproom.world.facts import USER_ROLES
from taproom.world.marketing import channels, touches
from taproom.world.render.hubspot.campaigns import (
    EVENT,
    NEWSLETTER,
    NURTURE,
    PRODUCT,
    STEPS,
    batches,
    nurture,
    type_of,
)
from taproom.world.render.hubspot.common import once, since, sub_key
from taproom.world.render.hubspot.journeys import journeys
from taproom.world.render.hubspot.leads import leads
from taproom.world.render.hubspot.people import LEAD_ONLY, USER, contacts
from taproom.world.state.weekly import alive
from taproom.world.window import Window

# contact: position among the contacts. code: of the e-mail (campaigns). prospect: sent to
# somebody who had not signed up. bounce: 0 no, 1 for now, 2 for good.
SEND = np.dtype(
    [
        ("at", "i8"),
        ("key", "u8"),
        ("contact", "i4"),
        ("code", "i4"),
        ("prospect", "?"),
        ("bounce", "i1"),
        ("leaves", "?"),
    ]
)
_STAFF = USER_ROLES.index("staff")
_NOW = np.iinfo(np.int64).max

# Of delivered e-mails: opened by a person (customers), clicked by them, unsubscribed.
OPENED, CLICKED, LEAVES = 0.213, 0.038, 0.0033
SOFT, HARD = 0.008, 0.014
REACH = 70 * DAY  # nothing comes of an e-mail later than so


@dataclass(frozen=True)
class Mailing:
    """E-mails sent by (contact, instant), and the touches in them: position of the e-mail,
    instant, whether clicked, theme, key."""

    sends: np.ndarray
    touch_send: np.ndarray
    touch: np.ndarray


def mailing(w: Window) -> Mailing:
    """E-mails of the window's shard of which something may arrive in the window."""
    return once(w, "mailing", lambda: _mailing(w))


def _mailing(w: Window) -> Mailing:
    t = _touches(w)
    sends = _stopped(w, _sends(w), t)
    sends = sends[sends["at"] >= since(w, REACH)]
    which = _mail_of(sends, t)
    there = which >= 0
    return Mailing(sends, which[there], t[there])


# --- who gets what -----------------------------------------------------------------------------
def _phases(w: Window):
    """(form fill, until, arm, sign-up) of contacts as prospects; -1 for those who never were."""
    c, j, found = contacts(w), journeys(w), leads(w)
    led, until = np.full(len(c), -1), np.full(len(c), _NOW)
    arm, user_from = np.full(len(c), -1), c["created"].copy()
    first = c["of"] < 0
    i = np.flatnonzero((c["kind"] == USER) & (c["n"] == 0) & first)
    pos = c["pos"][i]
    led[i], until[i] = j.lead_at[pos], j.pop.signup[pos]
    arm[i] = j.arm[pos]
    user_from[i] = j.pop.signup[pos]
    i = np.flatnonzero((c["kind"] == LEAD_ONLY) & first)
    led[i] = c["created"][i]
    arm[i] = found.p["arm"][c["pos"][i]]
    return led, until, arm, user_from


def _sends(w: Window) -> np.ndarray:
    """Every e-mail to every contact before the window's end, by contact and instant."""
    c, j = contacts(w), journeys(w)
    lead_at, until, arm, user_from = _phases(w)
    end = np.full(len(c), _NOW)
    for name in ("merged", "erased", "deleted"):
        end = np.where(c[name] >= 0, np.minimum(end, c[name]), end)
    prospect, mailed = lead_at >= 0, arm != 0
    user = (c["kind"] == USER) & (c["of"] < 0)
    k = sub_key(c["key"], "habits")
    staff = c["role"] == _STAFF
    reads = keys.chance(k, 0, np.where(staff, 0.10, np.where(user, 0.45, 0.4)))
    curious = keys.chance(k, 1, np.where(staff, 0.25, 0.75))
    parts = []

    def add(i, code, at, as_prospect) -> None:
        s = np.zeros(len(i), SEND)
        s["contact"], s["code"], s["at"], s["prospect"] = i, code, at, as_prospect
        s["key"] = sub_key(c["key"][i], "mail", s["code"])
        parts.append(s)

    # Only those who get something of which something may still come are looked at.
    recent = _recent(w, lead_at)
    mails = batches(w)
    for code, kind, at in zip(mails.code, mails.type, mails.at, strict=True):
        here = (c["created"] < at - HOUR) & (end > at) & recent
        led = here & prospect & (lead_at < at - HOUR) & (until > at) & mailed
        known = here & (~prospect | (until <= at)) & (user_from < at)
        if kind == PRODUCT:
            i = np.flatnonzero(known & user & curious)
            i = i[alive(w.facts, j.pop.acct[c["pos"][i]], at // DAY)]
            led = np.zeros(0, dtype=np.int64)
        else:
            known &= reads & ~(staff & (kind == EVENT))
            i, led = np.flatnonzero(known), np.flatnonzero(led)
        both = np.r_[i, led]
        spread = keys.below(sub_key(k[both], "spread", code), 0, 40 * 60) * SECOND
        add(both, code, at + spread, np.r_[np.zeros(len(i), bool), np.ones(len(led), bool)])
    i = np.flatnonzero(prospect & mailed & recent)
    for step, wait in enumerate(STEPS):
        at = np.maximum(lead_at[i] + wait, c["created"][i])
        some = (at < np.minimum(until, end)[i]) & (at < w.hi)
        add(i[some], nurture(step), at[some], True)
    s = np.concatenate(parts)
    # By contact and second, in one comparison.
    when = (s["contact"].astype(np.int64) << 36) | (s["at"] // SECOND)
    s = s[np.argsort(when, kind="stable")]
    return s[s["at"] < w.hi]


def _recent(w: Window, lead_at) -> np.ndarray:
    """Contacts who may have got an e-mail in the window or REACH before it."""
    mails = batches(w)
    if ((mails.at >= since(w, REACH)) & (mails.at < w.hi)).any():
        return np.ones(len(lead_at), dtype=bool)
    return (lead_at >= 0) & (lead_at >= since(w, REACH + STEPS[-1]))


def _stopped(w: Window, s: np.ndarray, t: np.ndarray) -> np.ndarray:
    """E-mails with their bounces and unsubscriptions, without those that no longer go out."""
    c = contacts(w)
    who = s["contact"].astype(np.int64)
    last = np.full(len(c), -1, dtype=np.int64)
    np.maximum.at(last, t["contact"], t["at"])
    # Who still answered later has got every e-mail until then and stayed on the list.
    answers = last[who] > s["at"]
    left = c["left"][who]
    gone = (left >= 0) & (s["at"] > left + 10 * DAY) & ~answers
    bad = keys.chance(c["key"][who], 70, HARD) & (last[who] < 0)
    soft = keys.chance(s["key"], 0, SOFT) & ~answers
    s["bounce"] = np.where(gone | bad, 2, np.where(soft, 1, 0))
    s["leaves"] = keys.chance(s["key"], 1, LEAVES) & (s["bounce"] == 0) & ~answers
    stop = (s["leaves"] | (s["bounce"] == 2)).astype(np.int64)
    before = np.cumsum(stop) - stop
    first = np.r_[True, who[1:] != who[:-1]] if len(s) else np.zeros(0, dtype=bool)
    start = np.maximum.accumulate(np.where(first, np.arange(len(s)), 0)) if len(s) else who
    return s[before == before[start]]


# --- touches -----------------------------------------------------------------------------------
_TOUCH = np.dtype([("contact", "i8"), ("at", "i8"), ("theme", "i1"), ("click", "?"), ("key", "u8")])
_DIGEST = channels.THEMES.index("monthly-digest")


def _touches(w: Window) -> np.ndarray:
    """E-mail touches of the contacts who are or were prospects, by contact and instant."""
    return once(w, "mail touches", lambda: _find_touches(w), whole=True)


def _find_touches(w: Window) -> np.ndarray:
    c, j, found = contacts(w), journeys(w), leads(w)
    first = c["of"] < 0
    own = np.flatnonzero((c["kind"] == USER) & (c["n"] == 0) & first)
    own = own[j.lead_at[c["pos"][own]] >= 0]
    lead = np.flatnonzero((c["kind"] == LEAD_ONLY) & first)
    p = np.concatenate([j.p[np.isin(j.p["acct"], c["acct"][own])], found.p[c["pos"][lead]]])
    p = p[np.argsort(p["n"], kind="stable")]
    contact = np.full(len(p), -1, dtype=np.int64)
    contact[np.searchsorted(p["n"], c["acct"][own])] = own
    contact[np.searchsorted(p["n"], found.p["n"][c["pos"][lead]])] = lead
    t = touches.draw(w.seed, w.paying, p)
    t = t[(t["channel"] == channels.EMAIL) & (t["kind"] != 1)]
    out = np.zeros(len(t), _TOUCH)
    for name in ("at", "theme", "click", "key"):
        out[name] = t[name]
    out["contact"] = contact[np.searchsorted(p["n"], t["n"])]
    return out[np.lexsort((out["key"], out["at"], out["contact"]))]


def _mail_of(s: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Position of the e-mail each touch is in, -1 where it was too long ago."""
    kind = type_of(s["code"])
    wanted = np.where(t["theme"] == _DIGEST, NEWSLETTER, EVENT)
    out = np.full(len(t), -1, dtype=np.int64)
    for this, most in ((NURTURE, REACH), (NEWSLETTER, 31 * DAY), (EVENT, 31 * DAY)):
        some = np.flatnonzero((kind == this) & (s["bounce"] == 0))
        if not len(some):
            continue
        code = (s["contact"][some].astype(np.int64) << 27) | (s["at"][some] // MINUTE)
        at = np.searchsorted(code, (t["contact"] << 27) | (t["at"] // MINUTE)) - 1
        row = some[np.maximum(at, 0)]
        fits = (at >= 0) & (s["contact"][row] == t["contact"]) & (t["at"] - s["at"][row] < most)
        if this != NURTURE:
            fits &= wanted == this
        out = np.where(fits, row, out)
    return out
