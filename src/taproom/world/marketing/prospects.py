"""Prospects: everybody who came near Tapwise and has a name to the company.

Each account that is no test has exactly one prospect, whose path leads to the sign-up. Leads
left an address and never signed up; they come along the growth curve, in closed form by index.
Visitors who left nothing are not here (render/ga4 counts them).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from taproom.world import clock
from taproom.world.around.places import CITIES
from taproom.world.clock import DAY, HOUR, MINUTE, SECOND
from taproom.world.draws import keys
from taproom.world.marketing import channels, holdouts, touches
from taproom.world.people import names
from taproom.world.people.population import DIRECT, TEST, Population, shard_of, total_accounts

# One row a prospect. n: the account's index, for leads -1 - index. acct: -1 for leads. market:
# position in holdouts.MARKETS. Instants in µs UTC, -1 for never. theme: of the sign-up's tags,
# -1 without. arm: of the lift test (holdouts.lift_arm). source: channel of the first touch.
PROSPECT = np.dtype(
    [
        ("n", "i8"),
        ("acct", "i8"),
        ("key", "u8"),
        ("country", "i1"),
        ("city", "i2"),
        ("market", "i2"),
        ("first_touch", "i8"),
        ("lead_at", "i8"),
        ("signup", "i8"),
        ("intent", "f8"),
        ("theme", "i1"),
        ("arm", "i1"),
        ("source", "i1"),
    ]
)

LEADS_PER_INDEX = 1.18  # leads that never sign up, for one account index
_LEFT_ADDRESS = 0.52  # of accounts, before they signed up
_COUNTRY_CDF = np.cumsum([0.50, 0.13, 0.11, 0.07, 0.06, 0.04, 0.03, 0.03, 0.03])
_LON = np.array([c.lon for c in CITIES])


def accounts_prospects(seed: int, paying: int, population: Population) -> np.ndarray:
    """Prospects of the accounts that are no test, one each, sorted by n."""
    return with_first_touch(seed, paying, of_accounts(seed, population))


def of_accounts(seed: int, pop: Population) -> np.ndarray:
    """The same without their first touches."""
    keep = np.flatnonzero(pop.cls != TEST)
    p = np.zeros(len(keep), PROSPECT)
    p["n"] = p["acct"] = pop.acct[keep]
    p["key"] = keys.key(keys.stream_key(seed, "prospect"), pop.key[keep])
    p["country"] = pop.country[keep]
    p["city"] = names.home_city(pop.key, pop.country)[keep]
    p["signup"] = pop.signup[keep]
    p["theme"] = channels.signup_theme(seed, pop)[keep]
    k = keys.key(keys.stream_key(seed, "prospect life"), p["key"])
    by_mail = (p["theme"] >= 0) & (channels.THEME_CHANNEL[p["theme"]] == channels.EMAIL)
    asked = pop.cls[keep] == DIRECT  # bought from sales, who have an address first
    left = keys.chance(k, 0, np.where(asked, 0.85, _LEFT_ADDRESS)) | by_mail
    ahead = 2 * DAY + keys.below(k, 1, 58 * 86_400) * SECOND
    p["lead_at"] = np.where(left, _daytime(k, p["signup"] - ahead, p["city"]), -1)
    return _completed(seed, p, by_mail)


def leads(
    seed: int, paying: int, lo_day: int, hi_day: int, shard: tuple[int, int] = (0, 1)
) -> np.ndarray:
    """Leads that never sign up, whose form came in on a day in [lo_day, hi_day), sorted by n.

    shard: (k, m) for those whose virtual shard (population.shard_of of n) is k modulo m.
    """
    return with_first_touch(seed, paying, of_leads(seed, paying, lo_day, hi_day, shard))


def of_leads(
    seed: int, paying: int, lo_day: int, hi_day: int, shard=(0, 1), thinned: bool = True
) -> np.ndarray:
    """The same without their first touches; and, not thinned, with those the holdouts cost."""
    a, b = (_leads_until(paying, d) for d in (lo_day - 2, hi_day + 2))
    p = _block(seed, paying, a, b + 1)
    day = p["lead_at"] // DAY
    keep = (day >= lo_day) & (day < hi_day)
    if shard[1] > 1:
        keep &= shard_of(seed, p["n"]) % shard[1] == shard[0]
    p = p[keep]
    return p[~touches.lost_to_holdouts(seed, paying, p)] if thinned else p


def _leads_until(paying: int, day: int) -> int:
    u = max(0.0, (day - clock.FOUNDED) / (clock.END - clock.FOUNDED))
    return int(total_accounts(paying) * LEADS_PER_INDEX * (u + 0.3 * u * u) / 1.3)


@lru_cache(maxsize=32)
def _leads(seed: int, paying: int, first: int, last: int) -> np.ndarray:
    j = np.arange(last - 1, first - 1, -1, dtype=np.int64)
    p = np.zeros(len(j), PROSPECT)
    p["n"], p["acct"], p["signup"], p["theme"] = -1 - j, -1, -1, -1
    p["key"] = keys.key(keys.stream_key(seed, "lead"), j)
    k = keys.key(keys.stream_key(seed, "lead traits"), p["key"])
    p["country"] = keys.choose(k, 0, _COUNTRY_CDF)
    p["city"] = names.home_city(p["key"], p["country"])
    q = (j + keys.u32(k, 1) / float(1 << 32)) / (total_accounts(paying) * LEADS_PER_INDEX)
    u = (np.sqrt(1.0 + 4 * 0.3 * 1.3 * q) - 1.0) / 0.6
    at = (clock.FOUNDED * DAY + np.floor(u * (clock.END - clock.FOUNDED) * 86_400) * SECOND).astype(
        np.int64
    )
    p["lead_at"] = _daytime(k, at, p["city"])
    p = _completed(seed, p, np.zeros(len(p), dtype=bool))
    p.flags.writeable = False
    return p


_CHUNK = 8_192


def _block(seed: int, paying: int, first: int, last: int) -> np.ndarray:
    """Leads first .. last-1 by index, highest index first (so that n rises)."""
    if last <= first:
        return np.zeros(0, PROSPECT)
    chunks = range(first // _CHUNK, -(-last // _CHUNK))
    p = np.concatenate(
        [_leads(seed, paying, c * _CHUNK, (c + 1) * _CHUNK) for c in reversed(chunks)]
    )
    j = -1 - p["n"]
    return p[(j >= first) & (j < last)]


def _daytime(k, at, city) -> np.ndarray:
    """The same day, at an hour at which people fill in forms where they live, and not later."""
    offset = np.rint(_LON[city] / 15.0).astype(np.int64) * HOUR
    local = at + offset
    a, b = keys.below(k, 8, 15 * 60), keys.below(k, 9, 15 * 60)
    minute = 7 * 60 + np.where(keys.chance(k, 10, 0.6), (a + b) // 2, a)
    moved = local // DAY * DAY + minute * MINUTE + keys.below(k, 11, 60) * SECOND - offset
    return np.where(moved > at + DAY // 2, moved - DAY, moved)


def _completed(seed: int, p: np.ndarray, by_mail) -> np.ndarray:
    p["market"] = holdouts.CITY_MARKET[p["city"]]
    signed = p["signup"] >= 0
    k = keys.key(keys.stream_key(seed, "prospect intent"), p["key"])
    p["intent"] = touches.intent(k, signed)
    p["arm"] = holdouts.lift_arm(seed, p["key"], p["lead_at"], signed, by_mail)
    p["first_touch"], p["source"] = -1, -1
    return p


def with_first_touch(seed: int, paying: int, p: np.ndarray) -> np.ndarray:
    """Prospects with instant and channel of their first touches."""
    t = touches.draw(seed, paying, p)
    first = t[t["ord"] == 0]
    p["first_touch"], p["source"] = first["at"], first["channel"]
    return p


# --- who they are ------------------------------------------------------------------------------
@dataclass(frozen=True)
class Person:
    """Leads as people, clean: columns in the order of the prospects."""

    first_name: pa.StringArray
    last_name: pa.StringArray
    email: pa.StringArray
    phone: pa.StringArray
    company: pa.StringArray
    domain: pa.StringArray


def person(p: np.ndarray) -> Person:
    """Names, addresses and companies of leads (for accounts the person is the app's user 0)."""
    venue = keys.choose(p["key"], 45, np.cumsum([0.48, 0.17, 0.22, 0.09, 0.04]))
    none = np.zeros(len(p), dtype=np.int8)
    company = names.companies(p["key"], p["country"], venue, none)
    by_email = np.zeros(len(p), dtype=bool)
    domain = names.domain(p["key"], p["city"], company.name, by_email, company.slug)
    k = keys.mix(p["key"] ^ np.uint64(0x5EED))
    who = names.people(k, p["country"])
    solo = keys.chance(k, 40, 0.8)
    full = pc.split_pattern(who.full_name, " ", max_splits=1)
    return Person(
        pc.list_element(full, 0),
        pc.list_element(full, 1),
        names.email(k, who, domain, solo),
        names.phone(k, p["city"], np.zeros(len(p), dtype=np.int64)),
        company.name,
        domain,
    )
