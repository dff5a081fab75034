"""What sales and customer success do: calls, meetings, e-mails to one person, notes, tasks.

The outreach of customer success. On the first Monday of a month everybody who pays and seems
in trouble is put on the health list, by what success can see: usage, outages, open tickets, a
champion gone, and a good deal of chance. There is time for 60 in 100 of them, drawn by lot: they
get a task and mostly a call; for the others a note says that there is no outreach this month. So
a learner can compare the two honestly, and sees beside it how wrong it is to compare accounts
with a call to accounts without: the list is where the trouble is. The outreach has no effect on
cancellation or any bill: who leaves was decided before HubSpot is written, and the truth
(truth_csm_uplift) says 0 for every account.
"""

from __future__ import annotations

import numpy as np

from taproom.world import clock
from taproom.world.clock import DAY, HOUR, MINUTE, SECOND
from taproom.world.draws import keys
from taproom.world.draws.arrays import ordinal
from taproom.world.people.population import TEST
from taproom.world.render.hubspot.common import at_work, long_number, once, since, sub_key
from taproom.world.render.hubspot.deal_tables import deal_owner
from taproom.world.render.hubspot.deals import ENTERED, LEAD_DEAL, deals
from taproom.world.render.hubspot.journeys import journeys
from taproom.world.render.hubspot.leads import leads
from taproom.world.render.hubspot.owners import DEVELOPMENT, SUCCESS, owner_of
from taproom.world.state.weekly import alive, monday
from taproom.world.window import Window

KINDS = ("CALL", "MEETING", "EMAIL", "NOTE", "TASK")
CALL, MEETING, EMAIL, NOTE, TASK = range(5)
SALE, RENEW, GROW, ONBOARD, CHECK_IN, REVIEW, OUTREACH, NO_OUTREACH, TICKET, DEVELOP = range(10)

# at: when it takes place or is due; created: when it was written down, earlier for meetings and
# tasks. pos, acct: the account among the journeys, -1 for leads. lead: among the leads, or -1.
ENGAGEMENT = np.dtype(
    [
        ("key", "u8"),
        ("id", "i8"),
        ("kind", "i1"),
        ("purpose", "i1"),
        ("at", "i8"),
        ("created", "i8"),
        ("owner", "i8"),
        ("pos", "i8"),
        ("acct", "i8"),
        ("lead", "i8"),
    ]
)

BACK = 45 * DAY  # nothing is delivered later than so long after it was written down


def engagements(w: Window) -> np.ndarray:
    """Engagements of the window's shard that may arrive in the window: ENGAGEMENT."""
    return once(w, "engagements", lambda: _engagements(w))


def _engagements(w: Window) -> np.ndarray:
    e = np.concatenate([_of_deals(w), _care(w), _outreach(w), _tickets(w), _of_leads(w)])
    e["id"] = long_number(e["key"])
    return e[(e["created"] < w.hi) & (e["created"] >= since(w, BACK))]


def _new(key, kind, purpose, at) -> np.ndarray:
    e = np.zeros(len(key), ENGAGEMENT)
    e["key"], e["kind"], e["purpose"], e["at"] = key, kind, purpose, at
    e["pos"] = e["acct"] = e["lead"] = -1
    ahead = (1 + keys.below(key, 40, 5)) * DAY + keys.below(key, 41, 3 * 3_600) * SECOND
    planned = np.isin(e["kind"], (MEETING, TASK))
    e["created"] = np.where(planned, at - ahead, at + keys.below(key, 42, 40) * MINUTE)
    return e


def _of_account(w: Window, e: np.ndarray, pos) -> np.ndarray:
    """Engagements of success with accounts at positions `pos` of the journeys."""
    j = journeys(w)
    e["pos"], e["acct"] = pos, j.pop.acct[pos]
    key = sub_key(j.company[pos], "owner")
    e["owner"] = owner_of(w, SUCCESS, key, j.customer[pos] + DAY, e["created"])
    return e


# --- deals -------------------------------------------------------------------------------------
_SLOTS = 14
_GAP = np.array([4.2, 13.0, 9.0, 60.0, 5.5])  # days between two, by kind of deal
_PURPOSE = np.array([SALE, RENEW, GROW, GROW, SALE])
_MIX = np.cumsum([0.30, 0.16, 0.32, 0.10, 0.12])


def _of_deals(w: Window) -> np.ndarray:
    d = deals(w)
    closed = np.where(d["closed"] < 0, np.iinfo(np.int64).max, d["closed"])
    d = d[(closed >= since(w, BACK)) & (d["kind"] != ENTERED)]
    closed = np.where(d["closed"] < 0, np.iinfo(np.int64).max, d["closed"])
    row, n = np.divmod(np.arange(len(d) * _SLOTS), _SLOTS)
    key = sub_key(d["key"][row], "engagement", n)
    gap = (0.3 + keys.exponential(key, 0)) * _GAP[d["kind"][row]]
    days = np.cumsum(gap.reshape(-1, _SLOTS), axis=1).ravel()
    at = at_work(key, 1, d["created"][row] // DAY + np.minimum(days, 400).astype(np.int64))
    e = _new(key, keys.choose(key, 2, _MIX), _PURPOSE[d["kind"][row]], at)
    e["created"] = np.maximum(e["created"], d["created"][row] + (2 + n) * MINUTE)
    lead = d["kind"][row] == LEAD_DEAL
    e["lead"] = np.where(lead, d["pos"][row], -1)
    e["pos"] = np.where(lead, -1, d["pos"][row])
    e["acct"] = d["acct"][row]
    e["owner"] = deal_owner(w, d[row], e["created"])
    return e[e["created"] < closed[row]]


# --- customer success --------------------------------------------------------------------------
def _months(w: Window, after: int) -> np.ndarray:
    """Months in which something may lie that is written down in the window or BACK before."""
    lo = max(w.lo - BACK, clock.FOUNDED * DAY) // DAY
    return np.arange(int(clock.month_of(lo)), int(clock.month_of((w.hi + after) // DAY)) + 1)


def _customers(w: Window, months: np.ndarray):
    """(position, first day of a month) of every customer and month, tests apart."""
    j, start = journeys(w), clock.month_start(months)
    real = np.flatnonzero((j.customer >= 0) & (j.pop.cls != TEST))
    i, m = np.nonzero(j.customer[real][:, None] // DAY < start + 31)
    return real[i], start[m]


def _care(w: Window) -> np.ndarray:
    """Onboarding in the first two months, then check-ins; reviews with groups and chains."""
    j = journeys(w)
    pos, start = _customers(w, _months(w, 8 * DAY))
    k = keys.key(keys.stream_key(w.seed, "hubspot care"), j.pop.key[pos], start)
    age = start - j.customer[pos] // DAY
    size = j.pop.n_loc[pos]
    rate = np.select([size == 1, size < 10], [0.34, 1.1], 3.2)
    rate = rate + np.where(age < 45, 1.6, 0.0)
    count = keys.poisson(k, 0, rate, 10)
    row = np.repeat(np.arange(len(pos)), count)
    key = sub_key(k[row], "care", ordinal(count))
    at = at_work(key, 1, start[row] + keys.below(key, 3, 28))
    purpose = np.where(age[row] < 45, ONBOARD, CHECK_IN)
    review = (size[row] > 1) & (age[row] > 80) & keys.chance(key, 4, 0.2)
    kind = keys.choose(key, 2, np.cumsum([0.34, 0.14, 0.34, 0.12, 0.06]))
    e = _new(key, np.where(review, MEETING, kind), np.where(review, REVIEW, purpose), at)
    e = _of_account(w, e, pos[row])
    keep = (e["created"] > j.customer[e["pos"]] + HOUR) & (e["created"] < w.hi)
    e = e[keep]
    return e[alive(w.facts, e["acct"], e["created"] // DAY)]


def health_list(w: Window) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(key, position among the journeys, day, whether there is outreach) of everybody on the
    health lists of the window's months."""
    return once(w, "health list", lambda: _health_list(w))


def _health_list(w: Window):
    j = journeys(w)
    pos, start = _customers(w, _months(w, 0))
    day = monday(start + 6)
    k = keys.key(keys.stream_key(w.seed, "hubspot health"), j.pop.key[pos], start)
    old = (day * DAY > j.customer[pos] + 30 * DAY) & (day * DAY + 14 * HOUR < w.hi)
    k, pos, day = k[old], pos[old], day[old]
    acct, s = j.pop.acct[pos], w.weeks
    trouble = (
        -np.clip(s.z(acct, day), -3, 3)
        + 0.8 * np.minimum(s.outage(acct, day), 2)
        + 0.3 * np.minimum(s.open_tickets(acct, day), 4)
        + 0.9 * s.gone(acct, day)
        + 0.7 * keys.normal(k, 0)
    )
    listed = (trouble > 1.25) & alive(w.facts, acct, day - 1)
    k, pos, day = k[listed], pos[listed], day[listed]
    return k, pos, day, keys.chance(k, 1, 0.6)


def _outreach(w: Window) -> np.ndarray:
    k, pos, day, chosen = health_list(w)
    listed = day * DAY + 14 * HOUR + keys.below(k, 2, 5_000) * SECOND
    note = _new(sub_key(k, "no outreach"), np.full(len(k), NOTE), NO_OUTREACH, listed)
    note = _of_account(w, note, pos)[~chosen]
    task = _new(sub_key(k, "outreach task"), np.full(len(k), TASK), OUTREACH, listed + 4 * DAY)
    task["created"] = listed
    task = _of_account(w, task, pos)[chosen]
    at = at_work(k, 3, day + 1 + keys.below(k, 4, 4))
    call = _new(sub_key(k, "outreach call"), np.full(len(k), CALL), OUTREACH, at)
    call = _of_account(w, call, pos)[chosen & keys.chance(k, 5, 0.85)]
    at = at_work(k, 6, day + 6 + keys.below(k, 7, 6))
    kind = np.where(keys.chance(k, 8, 0.4), MEETING, EMAIL)
    after = _new(sub_key(k, "outreach after"), kind, OUTREACH, at)
    after = _of_account(w, after, pos)[chosen & keys.chance(k, 9, 0.45)]
    return np.concatenate([note, task, call, after])


def _tickets(w: Window) -> np.ndarray:
    """Urgent tickets: success notes them and often calls."""
    j, t = journeys(w), w.facts.table("ticket")
    t = t[(t["priority"] == 0) & (t["at"] >= w.lo - BACK) & (t["at"] < w.hi)]
    pos = j.at(t["acct"])
    paying = (j.customer[pos] >= 0) & (t["at"] > j.customer[pos] + DAY) & (j.pop.cls[pos] != TEST)
    t, pos = t[paying], pos[paying]
    key = sub_key(j.pop.key[pos], "ticket", t["at"])
    note = _new(key, np.full(len(t), NOTE), TICKET, t["at"] + HOUR)
    call = _new(sub_key(key, "call"), np.full(len(t), CALL), TICKET, t["at"] + 3 * HOUR)
    called = keys.chance(key, 5, 0.5)
    return np.concatenate([_of_account(w, note, pos), _of_account(w, call, pos)[called]])


# --- leads -------------------------------------------------------------------------------------
def _of_leads(w: Window) -> np.ndarray:
    """Sales development writes, calls, and writes again, until sales takes over."""
    found = leads(w)
    mql = found.stage[:, 1]
    i = np.flatnonzero((mql >= 0) & (mql < w.hi) & (mql > since(w, BACK + 60 * DAY)))
    row, n = np.divmod(np.arange(len(i) * 5), 5)
    i = i[row]
    key = sub_key(found.key[i], "development", n)
    days = n * 3 + keys.below(key, 0, 3)
    at = at_work(key, 1, mql[i] // DAY + 1 + days)
    kind = np.array([EMAIL, CALL, EMAIL, TASK, CALL])[n]
    e = _new(key, kind, DEVELOP, at)
    e["lead"] = i
    e["created"] = np.maximum(e["created"], mql[i] + (5 + n) * MINUTE)
    owner = sub_key(found.key[i], "work")
    first = mql[i] + keys.below(owner, 0, 3 * 24) * HOUR
    e["owner"] = owner_of(w, DEVELOPMENT, owner, first, e["created"])
    goes_on = keys.chance(key, 3, 0.9 - 0.1 * n)
    deal = np.where(found.deal[i] < 0, np.iinfo(np.int64).max, found.deal[i])
    return e[goes_on & (e["created"] < deal)]
