"""Deals as sales works on them: first purchases, renewals of yearly plans, growth, lost leads.

A deal is opened on what is known that day and closes by what then happens: a trial that is not
paid loses it, the new period of a yearly plan wins it. Growth that nobody had worked on is
entered as a deal after the fact. Amounts are whole US dollars a year at the budget's rates.
"""

from __future__ import annotations

import numpy as np

from taproom.world import clock
from taproom.world.around import catalog, fx
from taproom.world.clock import DAY, HOUR, MINUTE, SECOND
from taproom.world.draws import keys
from taproom.world.facts import ACTIVE, CANCELED, PAST_DUE, UNPAID
from taproom.world.people.population import DIRECT, TEST, child_key
from taproom.world.render.hubspot.common import long_number, once, sub_key
from taproom.world.render.hubspot.journeys import journeys
from taproom.world.render.hubspot.leads import leads
from taproom.world.state import invoicing
from taproom.world.state.weekly import alive
from taproom.world.window import Window

FIRST, RENEWAL, GROWTH, ENTERED, LEAD_DEAL = range(5)

# kind: of the five above. pos: position among the journeys, for lead deals among the leads.
# due: when its owner hopes to close it. closed: -1 while open. guess, amount: dollars, before
# and after it is won. period, what: of renewals and growth, for the name. deleted: -1 for most.
DEAL = np.dtype(
    [
        ("key", "u8"),
        ("id", "i8"),
        ("kind", "i1"),
        ("pos", "i8"),
        ("acct", "i8"),
        ("created", "i8"),
        ("due", "i8"),
        ("closed", "i8"),
        ("won", "?"),
        ("guess", "i8"),
        ("amount", "i8"),
        ("company", "u8"),
        ("has_company", "?"),
    ]
)
_FAR = np.iinfo(np.int64).max


def deals(w: Window) -> np.ndarray:
    """Deals of the window's shard opened before its end: DEAL, by kind."""
    return once(w, "deals", lambda: _deals(w), whole=True)


def _deals(w: Window) -> np.ndarray:
    s = _subscriptions(w)
    growth = _growth(s)
    worked, taken = _worked_growth(w, s, growth)
    parts = [_first(w, s), _renewals(w, s), worked, _entered(w, s, growth[~taken]), _lost_leads(w)]
    d = np.concatenate(parts)
    d = d[d["created"] < w.hi]
    d["id"] = long_number(d["key"])
    return d


def _new(n: int, kind: int, key, created) -> np.ndarray:
    d = np.zeros(n, DEAL)
    d["kind"], d["key"], d["created"] = kind, key, created
    d["closed"] = d["amount"] = d["acct"] = -1
    return d


def _of_accounts(w: Window, d: np.ndarray, acct) -> np.ndarray:
    j = journeys(w)
    d["acct"], d["pos"] = acct, j.at(acct)
    d["company"], d["has_company"] = j.company[d["pos"]], j.has_company[d["pos"]]
    return d


def _subscriptions(w: Window) -> np.ndarray:
    """Versions of subscriptions of accounts that are no test, by account, subscription, time."""
    j, s = journeys(w), w.facts.table("subscription")
    s = s[j.has(s["acct"])]
    s = s[j.pop.cls[j.at(s["acct"])] != TEST]
    return s[np.lexsort((s["at"], s["ord"], s["acct"]))]


def yearly(s: np.ndarray) -> np.ndarray:
    """Yearly list price of subscription versions in US dollars at the budget's rates."""
    minor = invoicing.mrr_minor(s) if len(s) else np.zeros(0)
    return np.rint(12 * minor / catalog.MINOR[s["ccy"]] * fx.BUDGET[s["ccy"]]).astype(np.int64)


# --- the first purchase ------------------------------------------------------------------------
def _first(w: Window, s: np.ndarray) -> np.ndarray:
    j = journeys(w)
    i = np.flatnonzero((j.deal >= 0) & (j.deal < w.hi))
    acct, direct = j.pop.acct[i], j.pop.cls[i] == DIRECT
    key = child_key(w.seed, "hubspot_deal", acct, np.zeros(len(i), dtype=np.int64))
    d = _of_accounts(w, _new(len(i), FIRST, key, j.deal[i]), acct)
    signup, customer = j.pop.signup[i], j.customer[i]
    signed = signup + (3 + keys.below(key, 0, 20)) * MINUTE
    paid = customer + (5 + keys.below(key, 1, 120)) * MINUTE
    # Sales gives a trial up some days after its end; who pays later is nobody's success.
    limit = signup + (16 + keys.below(key, 2, 18)) * DAY
    pays = (customer >= 0) & (customer <= limit)
    d["won"] = direct | pays
    d["closed"] = np.where(direct, signed, np.where(pays, paid, limit))
    d["due"] = np.where(direct, j.deal[i] + (30 + keys.below(key, 3, 40)) * DAY, signup + 14 * DAY)
    each = 900 + 100 * keys.below(key, 4, 16)
    d["guess"] = each * j.pop.n_loc[i]
    bought = s[np.isin(s["status"], (ACTIVE, PAST_DUE))]
    bought = bought[np.lexsort((bought["ord"], bought["at"], bought["acct"]))]
    at = np.searchsorted(bought["acct"], acct)
    there = at < len(bought)
    there[there] = bought["acct"][at[there]] == acct[there]
    d["amount"][there] = yearly(bought[at[there]])
    d["amount"] = np.where(d["won"], d["amount"], -1)
    return d


# --- renewals ----------------------------------------------------------------------------------
def _renewals(w: Window, s: np.ndarray) -> np.ndarray:
    """Renewals of yearly plans, opened 60 days before the period's end."""
    if not len(s):
        return _new(0, RENEWAL, 0, 0)
    at = s["period_end"] - 60 * DAY
    follows = np.r_[
        np.where(
            (s["acct"][1:] == s["acct"][:-1]) & (s["ord"][1:] == s["ord"][:-1]), s["at"][1:], _FAR
        ),
        _FAR,
    ]
    fine = np.isin(s["status"], (ACTIVE, PAST_DUE)) & ~s["cancel_at_end"] & (s["months"] == 12)
    i = np.flatnonzero(fine & (s["at"] <= at) & (at < follows) & (at < w.hi))
    key = child_key(w.seed, "subscription", s["acct"][i], s["ord"][i])
    key = sub_key(key, "renewal", s["period_no"][i])
    opened = at[i] + 9 * HOUR + keys.below(key, 0, 6 * 3_600) * SECOND
    d = _of_accounts(w, _new(len(i), RENEWAL, key, opened), s["acct"][i])
    d["due"], d["guess"] = s["period_end"][i], np.maximum(yearly(s[i]), 1)
    # What became of it: the period goes over into a next one, or the subscription ends.
    live = np.flatnonzero(np.isin(s["status"], (ACTIVE, PAST_DUE)))
    over = np.flatnonzero(np.isin(s["status"], (CANCELED, UNPAID)))
    renewed = _next(s, live, i, s["period_end"][i] - 5 * MINUTE)
    ended = _next(s, over, i, opened)
    row = np.minimum(np.where(renewed < 0, len(s), renewed), np.where(ended < 0, len(s), ended))
    d["won"] = (renewed >= 0) & (row == renewed)
    known = row < len(s)
    at = s["at"][row[known]] + (5 + keys.below(key[known], 1, 240)) * MINUTE
    d["closed"][known] = np.maximum(at, opened[known] + HOUR)
    d["amount"][known] = yearly(s[row[known]])
    d["amount"] = np.where(d["won"], d["amount"], -1)
    return d


def _next(s: np.ndarray, among: np.ndarray, of: np.ndarray, after) -> np.ndarray:
    """For versions `of`, the first version of the same subscription `among` some positions that
    is not earlier than `after`; -1 where there is none."""
    code = ((s["acct"] << 10) | s["ord"]) << 27
    at = np.searchsorted(code[among] + s["at"][among] // MINUTE, code[of] + after // MINUTE)
    row = among[np.minimum(at, len(among) - 1)] if len(among) else np.zeros(len(of), dtype=int)
    there = (at < len(among)) & (code[row] == code[of])
    return np.where(there, row, -1)


# --- growth ------------------------------------------------------------------------------------
def _growth(s: np.ndarray) -> np.ndarray:
    """Positions of versions by which a running subscription grew by 250 dollars a year or more."""
    if len(s) < 2:
        return np.zeros(0, dtype=np.int64)
    now, before = s[1:], s[:-1]
    same = (now["acct"] == before["acct"]) & (now["ord"] == before["ord"])
    live = np.isin(now["status"], (ACTIVE, PAST_DUE)) & np.isin(
        before["status"], (ACTIVE, PAST_DUE)
    )
    terms = np.zeros(len(now), dtype=bool)
    for name in ("qloc", "qdev", "qseat", "tier"):
        terms |= now[name] > before[name]
    more = yearly(now) - yearly(before) >= 250
    return np.flatnonzero(same & live & terms & more) + 1


def _more(s: np.ndarray, at) -> np.ndarray:
    return yearly(s[at]) - yearly(s[at - 1])


def _worked_growth(w: Window, s, growth) -> tuple[np.ndarray, np.ndarray]:
    """Deals that success opens in the hope of growth, and which growth they brought in."""
    j = journeys(w)
    first, last = int(clock.month_of(clock.FOUNDED)), int(clock.month_of((w.hi - 1) // DAY))
    months = np.arange(first, last + 1)
    start = clock.month_start(months)
    i, m = np.nonzero((j.customer[:, None] >= 0) & (j.customer[:, None] // DAY < start + 28))
    key = child_key(w.seed, "hubspot_growth", j.pop.acct[i], months[m])
    at = start[m] * DAY + 14 * HOUR + keys.below(key, 0, 28 * 86_400) // 86_400 * DAY
    at = at + keys.below(key, 1, 6 * 3_600) * SECOND
    tried = keys.chance(key, 2, 0.010 + 0.02 * (j.pop.n_loc[i] > 1)) & (at < w.hi)
    tried &= (at > j.customer[i] + 45 * DAY) & (j.pop.cls[i] != TEST)
    i, key, at = i[tried], key[tried], at[tried]
    lives = alive(w.facts, j.pop.acct[i], at // DAY)
    i, key, at = i[lives], key[lives], at[lives]
    order = np.lexsort((at, i))
    i, key, at = i[order], key[order], at[order]
    d = _of_accounts(w, _new(len(i), GROWTH, key, at), j.pop.acct[i])
    limit = at + (35 + keys.below(key, 3, 40)) * DAY
    d["due"], d["guess"] = at + 45 * DAY, 300 + 100 * keys.below(key, 4, 15) * j.pop.n_loc[i]
    taken = np.zeros(len(growth), dtype=bool)
    if len(growth) and len(d):
        # The first growth of the account after the deal was opened; a growth closes one deal.
        order = np.lexsort((s["at"][growth], s["acct"][growth]))
        g_acct, g_at = s["acct"][growth][order], s["at"][growth][order]
        n = np.searchsorted(g_acct * (1 << 22) + g_at // HOUR, d["acct"] * (1 << 22) + at // HOUR)
        there = n < len(order)
        n = np.minimum(n, len(order) - 1)
        there &= (g_acct[n] == d["acct"]) & (g_at[n] > at) & (g_at[n] <= limit)
        again = np.r_[False, (n[1:] == n[:-1]) & there[1:] & there[:-1]]
        there &= ~again
        d["won"] = there
        d["amount"][there] = _more(s, growth[order[n[there]]])
        d["closed"][there] = g_at[n[there]] + (10 + keys.below(key[there], 5, 300)) * MINUTE
        taken[order[n[there]]] = True
    d["closed"] = np.where(d["won"], d["closed"], limit)
    return d, taken


def _entered(w: Window, s: np.ndarray, growth: np.ndarray) -> np.ndarray:
    """Growth that came by itself, entered within a day of it."""
    v = s[growth]
    key = child_key(w.seed, "subscription", v["acct"], v["ord"])
    key = sub_key(key, "growth", v["at"])
    created = v["at"] + (1 + keys.below(key, 0, 26)) * HOUR + keys.below(key, 1, 3_600) * SECOND
    d = _of_accounts(w, _new(len(v), ENTERED, key, created), v["acct"])
    d["amount"] = d["guess"] = _more(s, growth) if len(growth) else 0
    d["won"] = True
    d["closed"] = created + (2 + keys.below(key, 2, 70)) * HOUR
    d["due"] = d["closed"]
    return d


# --- leads who do not buy ----------------------------------------------------------------------
def _lost_leads(w: Window) -> np.ndarray:
    found = leads(w)
    i = np.flatnonzero((found.deal >= 0) & (found.deal < w.hi))
    key = sub_key(found.key[i], "deal")
    d = _new(len(i), LEAD_DEAL, key, found.deal[i])
    d["pos"], d["company"], d["has_company"] = i, found.company[i], True
    d["closed"] = found.lost[i]
    d["due"] = found.deal[i] + (30 + keys.below(key, 3, 40)) * DAY
    d["guess"] = (900 + 100 * keys.below(key, 4, 16)) * (1 + keys.below(key, 5, 3))
    return d
