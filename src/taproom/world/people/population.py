"""L1: who exists, when, with which traits; closed form by account index.

Accounts sign up along a growth curve, so the population of any day is known without running
the days before it. A block of 83 indices holds one test account; a block of 26 real accounts
holds 15 that will ever pay (6 bought from sales, 9 by trial) and 11 whose trial ends unpaid:
45% of trials convert and 60% of paying accounts come by trial.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from taproom.world import clock
from taproom.world.draws import keys
from taproom.world.facts import COUNTRIES, CURRENCIES
from taproom.world.people import cases

PRESETS = {"tiny": 100, "small": 1_000, "full": 24_000}  # ever-paying accounts at clock.END

DIRECT, CONVERTS, TRIAL_ONLY, TEST = range(4)
_TEST_BLOCK, _CLASS_BLOCK = 83, 26
_PERM = np.array([DIRECT] * 6 + [CONVERTS] * 9 + [TRIAL_ONLY] * 11, dtype=np.int8)

_COUNTRY_CDF = np.cumsum([0.50, 0.13, 0.11, 0.07, 0.06, 0.04, 0.03, 0.03, 0.03])
COUNTRY_CURRENCY = np.array(
    [CURRENCIES.index(c) for c in ("USD", "GBP", "EUR", "CAD", "AUD", "EUR", "EUR", "EUR", "JPY")],
    dtype=np.int8,
)
TAX_BP = np.array([0, 2000, 1900, 500, 1000, 2000, 2100, 2300, 1000], dtype=np.int32)
assert len(COUNTRIES) == len(COUNTRY_CURRENCY) == len(TAX_BP)


def total_accounts(paying: int) -> int:
    """Indices used by clock.END for so many ever-paying accounts, test accounts included."""
    real = -(-paying * _CLASS_BLOCK // 15)
    return -(-real * _TEST_BLOCK // (_TEST_BLOCK - 1))


def signups(paying: int, until_day: int) -> int:
    """How many indices may have signed up before a day (an upper bound is fine for callers)."""
    n = total_accounts(paying)
    u = max(0.0, (until_day - clock.FOUNDED) / (clock.END - clock.FOUNDED))
    return int(n * (u + 0.3 * u * u) / 1.3) + 2


@dataclass
class Population:
    """Traits of the accounts `acct` (global indices), each an array of the same length."""

    seed: int
    acct: np.ndarray
    key: np.ndarray
    cls: np.ndarray
    signup: np.ndarray
    country: np.ndarray
    ccy: np.ndarray
    fit: np.ndarray
    economics: np.ndarray
    price_sense: np.ndarray
    skill: np.ndarray
    champion: np.ndarray
    environment: np.ndarray
    tech: np.ndarray
    n_loc: np.ndarray
    n_user: np.ndarray
    venue_type: np.ndarray
    seasonal: np.ndarray
    case: np.ndarray

    def __len__(self) -> int:
        return len(self.acct)

    def take(self, at: np.ndarray) -> Population:
        """The accounts at positions `at`, or where a mask is true."""
        rest = {f.name: getattr(self, f.name)[at] for f in fields(self) if f.name != "seed"}
        return Population(seed=self.seed, **rest)


def account_key(seed: int, acct):
    """64-bit key of an account, hashed from its index only: it carries no trait."""
    return keys.key(keys.stream_key(seed, "account"), acct)


def child_key(seed: int, what: str, acct, n):
    """Key of the n-th child (location, user, device, subscription, invoice) of an account."""
    return keys.key(keys.stream_key(seed, what), account_key(seed, acct), n)


def shard_of(seed: int, acct):
    """Virtual shard of an account, 0 to 255."""
    return (account_key(seed, acct) >> np.uint64(56)).astype(np.int64)


def _classes(seed: int, acct: np.ndarray) -> np.ndarray:
    sk = keys.stream_key(seed, "class")
    block, pos = acct // _TEST_BLOCK, acct % _TEST_BLOCK
    test_pos = keys.below(keys.key(sk, block), 0, _TEST_BLOCK)
    real = acct - block - (pos > test_pos)
    # The class of real account r is a keyed permutation of its block of 26: a multiplier
    # coprime to 26 and a shift.
    rblock, rpos = real // _CLASS_BLOCK, real % _CLASS_BLOCK
    kb = keys.key(sk, rblock, 1)
    mult = np.array([1, 3, 5, 7, 9, 11, 15, 17, 19, 21, 23, 25])[keys.below(kb, 0, 12)]
    cls = _PERM[(rpos * mult + keys.below(kb, 1, _CLASS_BLOCK)) % _CLASS_BLOCK]
    return np.where(pos == test_pos, TEST, cls).astype(np.int8)


def population(seed: int, paying: int, acct: np.ndarray) -> Population:
    """Traits of the given account indices."""
    acct = np.asarray(acct, dtype=np.int64)
    k = account_key(seed, acct)
    t = keys.key(keys.stream_key(seed, "traits"), k)
    q = (acct + keys.u32(t, 0) / float(1 << 32)) / total_accounts(paying)
    u = (np.sqrt(1.0 + 4 * 0.3 * 1.3 * q) - 1.0) / 0.6
    sday = clock.FOUNDED + np.floor(u * (clock.END - clock.FOUNDED)).astype(np.int64)
    signup = sday * clock.DAY + keys.below(t, 1, 10 * 3600) * clock.SECOND
    country = keys.choose(t, 2, _COUNTRY_CDF).astype(np.int8)
    case = cases.script(seed, paying, total_accounts(paying), acct)
    cls = _classes(seed, acct)
    scripted = np.where(np.isin(case, cases.TRIAL_CASES), CONVERTS, DIRECT)
    cls = np.where(case == cases.NONE, cls, scripted).astype(np.int8)
    country = np.where(case == cases.EUR, COUNTRIES.index("DE"), country).astype(np.int8)
    size = keys.u32(t, 3) / float(1 << 32)
    n_loc = np.where(
        size < 0.83, 1, np.where(size < 0.985, 2 + keys.below(t, 4, 3), 10 + keys.below(t, 4, 9))
    )
    n_loc = np.where(cls == TRIAL_ONLY, 1, n_loc).astype(np.int32)
    users = np.minimum(1 + keys.poisson(t, 5, 1.3 + 0.7 * np.minimum(n_loc, 8), 12), 40)
    n_user = np.where(cls == TRIAL_ONLY, 1 + keys.below(t, 5, 2), users).astype(np.int32)
    # Those who convert and those who do not differ in fit: the reason they convert.
    shift = np.where(cls == TRIAL_ONLY, -0.5, 0.15)
    return Population(
        seed=seed,
        acct=acct,
        key=k,
        cls=cls,
        signup=signup,
        country=country,
        ccy=COUNTRY_CURRENCY[country],
        fit=keys.normal(t, 6) + shift,
        economics=keys.normal(t, 7),
        price_sense=keys.normal(t, 8),
        skill=keys.normal(t, 9),
        champion=keys.normal(t, 10),
        environment=keys.normal(t, 11),
        tech=keys.normal(t, 12),
        n_loc=n_loc,
        n_user=n_user,
        venue_type=keys.choose(t, 13, np.cumsum([0.48, 0.17, 0.22, 0.09, 0.04])).astype(np.int8),
        seasonal=keys.chance(t, 14, 0.06),
        case=case,
    )
