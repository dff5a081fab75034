"""Visits of the web site: clicked touches of prospects, visitors who leave no name, users on
their way to the login, and (M16) machines and Tapwise's own office.

Google Analytics sees whoever accepts cookies: all prospects, of other visitors a part.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from taproom.world import clock, mess
from taproom.world.around import zones
from taproom.world.around.places import CITIES
from taproom.world.clock import DAY, HOUR, MINUTE, SECOND
from taproom.world.draws import keys
from taproom.world.draws.arrays import order, ordinal
from taproom.world.marketing import channels, holdouts, paths
from taproom.world.marketing.channels import BRAND, CHANNELS, DIRECT, EMAIL, ORGANIC, SOCIAL
from taproom.world.people import names
from taproom.world.people.population import child_key, shard_of, total_accounts
from taproom.world.window import Window

PATH, FORM, SIGN_UP, LOGIN, ANONYMOUS, BOT, OFFICE = range(7)
ZONE = zones.ZONES.index("America/New_York")  # of the property: its dates are of that zone
RUN = 9 * HOUR  # of the daily export, UTC

# One row a visit. until: instant of its form fill, sign-up or login, -1 without. cookie: the
# browser; number: of the visit in that browser. tag: key by which tags are damaged. first_*: the
# same of the browser's first visit. user: key of the app's user, where `known`.
VISIT = np.dtype(
    [
        ("at", "i8"),
        ("until", "i8"),
        ("kind", "i1"),
        ("key", "u8"),
        ("cookie", "u8"),
        ("number", "i4"),
        ("channel", "i1"),
        ("campaign", "i4"),
        ("tag", "u8"),
        ("first_channel", "i1"),
        ("first_campaign", "i4"),
        ("first_tag", "u8"),
        ("city", "i2"),
        ("user", "u8"),
        ("known", "?"),
        ("run", "i8"),
    ]
)
_FIRST = ("channel", "campaign", "tag")

ANONYMOUS_PER_INDEX = 7.0  # visits by END, for one account index
LOGINS_A_WEEK = 0.062  # visits of the site by a user
_HQ = next(i for i, c in enumerate(CITIES) if c.name == "Denver")
_DATA_CENTRE = next(i for i, c in enumerate(CITIES) if c.name == "Dublin")
_KNOWN = 0.35  # of users, whose visits carry their user_id
_MIX = np.cumsum([0.05, 0.17, 0.20, 0.04, 0.02, 0.30, 0.05, 0.02])  # the rest is direct
_COUNTRY_CDF = np.cumsum([0.50, 0.13, 0.11, 0.07, 0.06, 0.04, 0.03, 0.03, 0.03])
_LON = np.rint(np.array([c.lon for c in CITIES]) / 15.0).astype(np.int64)


# --- prospects ---------------------------------------------------------------------------------
@lru_cache(maxsize=64)
def _of_paths(seed: int, paying: int, block: tuple[int, int], shard) -> np.ndarray:
    """Visits of the prospects whose path ends in a block of months."""
    p, t = paths.ended(seed, paying, block, shard)
    t = t[t["click"]]
    row = np.searchsorted(p["n"], t["n"])
    v = np.zeros(len(t), VISIT)
    # The first browser is the one in which forms are filled in and the account is made.
    k = keys.key(keys.stream_key(seed, "ga4 browser"), t["key"])
    other = keys.chance(k, 0, 0.24) & (t["kind"] == 0)
    browser = np.where(other, 1 + keys.below(k, 1, 2), 0)
    v["at"], v["kind"], v["key"], v["tag"] = t["at"], t["kind"], k, t["key"]
    v["cookie"] = keys.key(keys.stream_key(seed, "ga4 cookie"), p["key"][row], browser)
    v["channel"], v["campaign"], v["city"] = t["channel"], t["campaign"], p["city"][row]
    ends = (p["lead_at"][row], p["signup"][row])
    v["until"] = np.select([t["kind"] == FORM, t["kind"] == SIGN_UP], ends, -1)
    owner = child_key(seed, "user", np.maximum(p["acct"][row], 0), 0)
    v["user"] = owner
    v["known"] = (t["kind"] == SIGN_UP) & keys.chance(owner, 41, _KNOWN)
    # The sign-up's tags reach the app by the same link, so they are damaged alike.
    signed = t["kind"] == SIGN_UP
    account = keys.key(keys.stream_key(seed, "account"), np.maximum(p["acct"][row], 0))
    v["tag"] = np.where(signed, account, v["tag"])
    by_browser = np.lexsort((v["at"], browser, row))
    cookie = v["cookie"][by_browser]
    start = np.r_[True, cookie[1:] != cookie[:-1]][: len(v)]
    place = np.arange(len(v)) - np.maximum.accumulate(np.where(start, np.arange(len(v)), 0))
    v["number"][by_browser] = place + 1
    first = by_browser[np.arange(len(v)) - place]
    for name in _FIRST:
        v[f"first_{name}"][by_browser] = v[name][first]
    v["run"] = _day(v["at"])
    v.flags.writeable = False
    return v


def _paths(w: Window, lo_day: int, hi_day: int) -> np.ndarray:
    months = int(clock.month_of(lo_day)), int(clock.month_of(hi_day))
    blocks = paths.blocks(w.paying, *months, w.shard)
    found = [_of_paths(w.seed, w.paying, b, w.shard) for b in blocks]
    return np.concatenate([v[(v["run"] >= lo_day) & (v["run"] < hi_day)] for v in found])


# --- everybody else ----------------------------------------------------------------------------
def _daily(seed: int, paying: int, what: str, per_index: float, lo_day: int, hi_day: int):
    """(day, ordinal) of visits that come along the growth curve, fewer at weekends."""
    day = np.arange(max(lo_day, clock.FOUNDED), hi_day)
    u = (day - clock.FOUNDED) / (clock.END - clock.FOUNDED)
    rate = (1.0 + 0.6 * u) / 1.3 / (clock.END - clock.FOUNDED)
    mean = total_accounts(paying) * per_index * rate
    mean = mean * np.where((day + 3) % 7 >= 5, 0.62, 1.15)
    k = keys.key(keys.stream_key(seed, f"ga4 {what}"), day)
    count = np.rint(mean + np.sqrt(mean) * keys.normal(k, 0)).astype(np.int64)
    few = mean < 12
    count = np.maximum(np.where(few, keys.poisson(k, 0, np.where(few, mean, 0.0), 40), count), 0)
    return np.repeat(day, count), ordinal(count)


def _own_shard(w: Window, day, n):
    """Which visits are of this shard; visitors are dealt out by a number of their own."""
    if w.shard[1] == 1:
        return np.ones(len(day), dtype=bool)
    return shard_of(w.seed, -(10**9) - day * 10**6 - n) % w.shard[1] == w.shard[0]


def _strangers(w: Window, lo_day: int, hi_day: int) -> np.ndarray:
    """Visitors who leave no name: one or two visits each, most of them short."""
    seed = w.seed
    day, n = _daily(seed, w.paying, "anonymous", ANONYMOUS_PER_INDEX, lo_day - 1, hi_day + 1)
    mine = _own_shard(w, day, n)
    day, n = day[mine], n[mine]
    k = keys.key(keys.stream_key(seed, "ga4 visitor"), day, n)
    v = np.zeros(len(day), VISIT)
    country = keys.choose(k, 0, _COUNTRY_CDF)
    v["city"] = names.home_city(k, country)
    minute = 7 * 60 + (keys.below(k, 1, 16 * 60) + keys.below(k, 2, 16 * 60)) // 2
    v["at"] = day * DAY + minute * MINUTE + keys.below(k, 3, 60) * SECOND
    v["at"] -= _LON[v["city"]] * HOUR
    channel = np.minimum(keys.choose(k, 4, _MIX), DIRECT)
    off = holdouts.switched_off(seed, w.paying, channel, holdouts.CITY_MARKET[v["city"]], v["at"])
    channel = np.where(off & (channel == BRAND), ORGANIC, channel)
    theme = np.where(
        channels.THEMES_IN[channel] > 0,
        channels.FIRST_THEME[channel]
        + keys.below(k, 5, np.maximum(channels.THEMES_IN[channel], 1)),
        -1,
    )
    v["kind"], v["key"], v["until"], v["tag"] = ANONYMOUS, k, -1, k
    v["cookie"] = keys.lane(k, 6)
    v["channel"], v["campaign"] = channel, channels.campaign(theme, v["at"])
    v["number"] = 1 + keys.chance(k, 7, 0.18)
    for name in _FIRST:
        v[f"first_{name}"] = v[name]
    v["run"] = _day(v["at"])
    keep = ~(off & (channel == SOCIAL)) & (v["run"] >= lo_day) & (v["run"] < hi_day)
    return v[keep]


def _users(w: Window, lo_day: int, hi_day: int) -> np.ndarray:
    """Users who come by the site to log in; some have allowed to be recognised."""
    u = w.facts.table("user")
    u = u[(u["activated"] >= 0) & (u["activated"] < hi_day * DAY)]
    gone = np.where(u["deactivated"] >= 0, u["deactivated"], np.iinfo(np.int64).max)
    erased = np.where(u["erased"] >= 0, u["erased"], np.iinfo(np.int64).max)
    end = np.minimum(gone, erased)
    first, last = (lo_day - 1) // 7, (hi_day + 1) // 7 + 1
    u, end = u[end > first * 7 * DAY], end[end > first * 7 * DAY]
    key = child_key(w.seed, "user", u["acct"], u["n"])
    begin = u["activated"] + HOUR
    login = keys.stream_key(w.seed, "ga4 login")
    found = []
    for week in range(first, last):
        here = np.flatnonzero((begin < (week + 1) * 7 * DAY) & (end > week * 7 * DAY))
        k = keys.key(login, key[here], week)
        count = keys.poisson(k, 0, LOGINS_A_WEEK, 3)
        some = np.flatnonzero(count)
        k, who, count = k[some], here[some], count[some]
        which = np.repeat(np.arange(len(who)), count)
        tk = keys.key(k[which], ordinal(count))
        at = week * 7 * DAY + keys.below(tk, 0, 7 * 86_400) * SECOND
        found.append((who[which], tk, at, np.full(len(tk), week)))
    who, tk, at, week = (np.concatenate(x) for x in zip(*found, strict=True))
    run = _day(at)
    keep = (at > begin[who]) & (at < end[who]) & (run >= lo_day) & (run < hi_day)
    who, tk, at, week, run = (x[keep] for x in (who, tk, at, week, run))
    v = np.zeros(len(who), VISIT)
    v["at"], v["key"], v["kind"], v["run"] = at, tk, LOGIN, run
    v["until"] = at + (5 + keys.below(tk, 1, 60)) * SECOND
    v["user"], v["known"] = key[who], keys.chance(key[who], 41, _KNOWN)
    v["cookie"] = keys.lane(key[who], 42)
    weeks = week - u["activated"][who] // (7 * DAY)
    v["number"] = 2 + np.floor(weeks * LOGINS_A_WEEK * 1.5).astype(np.int64)
    v["channel"] = np.where(keys.chance(tk, 2, 0.3), ORGANIC, DIRECT)
    v["campaign"], v["tag"] = -1, tk
    v["first_channel"], v["first_campaign"], v["first_tag"] = DIRECT, -1, tk
    pop = w.population
    i = np.searchsorted(pop.acct, u["acct"][who])
    v["city"] = names.home_city(pop.key[i], pop.country[i])
    return v


def _machines(w: Window, lo_day: int, hi_day: int) -> np.ndarray:
    """M16: machines that read page after page, and Tapwise's own people."""
    share = mess.rate(w.mess, "M16", "ga4.event")
    if not share:
        return np.zeros(0, VISIT)
    # Visits of other people are some 23 for one account index.
    day, n = _daily(w.seed, w.paying, "machines", 23.0 * share, lo_day - 1, hi_day + 1)
    mine = _own_shard(w, day, n + 500_000)
    day, n = day[mine], n[mine]
    k = keys.key(keys.stream_key(w.seed, "ga4 machine"), day, n)
    v = np.zeros(len(day), VISIT)
    office = keys.chance(k, 0, 0.3)
    v["kind"] = np.where(office, OFFICE, BOT)
    v["city"] = np.where(office, _HQ, _DATA_CENTRE)
    clock_time = np.where(office, (15 * 60 + keys.below(k, 1, 9 * 60)), keys.below(k, 1, 1440))
    v["at"] = day * DAY + clock_time * MINUTE + keys.below(k, 2, 60) * SECOND
    v["key"], v["until"], v["tag"], v["first_tag"] = k, -1, k, k
    # Machines come without cookies, each time as somebody new; the office has its browsers.
    desk = keys.key(keys.stream_key(w.seed, "ga4 desk"), keys.below(k, 3, 40))
    v["cookie"] = np.where(office, desk, keys.lane(k, 4))
    v["number"] = np.where(office, 2 + (day - clock.FOUNDED) // 3, 1)
    v["channel"] = v["first_channel"] = DIRECT
    v["campaign"] = v["first_campaign"] = -1
    v["run"] = _day(v["at"])
    return v[(v["run"] >= lo_day) & (v["run"] < hi_day)]


# --- when they arrive --------------------------------------------------------------------------
def _day(at) -> np.ndarray:
    return zones.local(ZONE, at) // DAY


LATE_DAYS = 3  # of M01; the missing date takes longer


def missing(seed: int) -> tuple[int, int]:
    """M12: the date whose export failed, and the days until it was made up for."""
    k = keys.key(keys.stream_key(seed, "ga4 gap"), 0)
    return clock.day(2025, 1, 13) + int(keys.below(k, 0, 45)), 4


def delay(w: Window, v: np.ndarray) -> np.ndarray:
    """M01, M12: days by which visits arrive later than with the next morning's export."""
    late = mess.hit(w.mess, "M01", "ga4.event", v["key"])
    days = np.where(late, 1 + keys.below(v["key"], 60, LATE_DAYS), 0)
    if w.mess != "none":
        gap, wait = missing(w.seed)
        days = np.where((v["run"] == gap) & (days < wait), wait, days)
    return days


def delivered(w: Window) -> tuple[np.ndarray, np.ndarray]:
    """Visits that arrive in the window, by arrival and time; and their arrival, µs UTC.

    The export of a date (of the property's zone) comes at 09:00 UTC of the next.
    """
    runs = np.arange(-((RUN - w.lo) // DAY), -((RUN - w.hi) // DAY))
    if not len(runs):
        return np.zeros(0, VISIT), np.zeros(0, np.int64)
    lo_day, hi_day = int(runs[0]) - 1 - LATE_DAYS - 1, int(runs[-1])
    lo_day = max(lo_day, clock.FOUNDED)
    found = [f(w, lo_day, hi_day) for f in (_paths, _strangers, _users, _machines)]
    v = np.concatenate(found)
    run = v["run"] + 1 + delay(w, v)
    keep = np.flatnonzero((run >= runs[0]) & (run <= runs[-1]))
    at, run = v["at"][keep], run[keep]
    # By run, instant and key. A visit is at most nine days before its run: below 2**40 µs.
    rows = order(((run - runs[0]) << 40) + (at - (run - 10) * DAY), v["key"][keep])
    return v[keep[rows]], run[rows] * DAY + RUN


assert (BRAND, SOCIAL, EMAIL, len(_MIX)) == (0, 2, 4, len(CHANNELS) - 1)  # the order of _MIX
