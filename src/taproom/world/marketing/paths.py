"""Prospects by the months their paths end in, with all their touches: what ads and the site's
analytics count."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from taproom.world import clock
from taproom.world.clock import DAY
from taproom.world.marketing import prospects, touches
from taproom.world.people.population import TEST, population, shard_of, signups

#: Months before and after the end of a path in which its touches may lie: those of a lead go on
#: for 45 days after the form, those of an account begin 90 days before the sign-up.
AFTER, BEFORE = 2, 3
_FEW = 3_000  # ever-paying accounts below which a year is drawn at once


def blocks(paying: int, lo_month: int, hi_month: int, shard=(0, 1)) -> list[tuple[int, int]]:
    """Spans of months in which the paths end that have touches in [lo_month, hi_month]."""
    size = 12 if paying < _FEW * shard[1] else 1
    lo, hi = (lo_month - AFTER) // size, (hi_month + BEFORE) // size
    return [(b * size, (b + 1) * size) for b in range(lo, hi + 1)]


@lru_cache(maxsize=64)
def ended(
    seed: int, paying: int, block: tuple[int, int], shard: tuple[int, int] = (0, 1)
) -> tuple[np.ndarray, np.ndarray]:
    """Prospects whose sign-up, or for leads form fill, falls in a block of months, and their
    touches, both sorted by n. First touches are not filled in. shard: as in Window."""
    lo, hi = (int(clock.month_start(m)) for m in block)
    acct = np.arange(max(signups(paying, lo) - 6, 0), signups(paying, hi) + 2)
    if shard[1] > 1:
        acct = acct[shard_of(seed, acct) % shard[1] == shard[0]]
    pop = population(seed, paying, acct)
    pop = pop.take((pop.cls != TEST) & (pop.signup >= lo * DAY) & (pop.signup < hi * DAY))
    p = np.concatenate(
        [prospects.of_leads(seed, paying, lo, hi, shard), prospects.of_accounts(seed, pop)]
    )
    t = touches.draw(seed, paying, p)
    for a in (p, t):
        a.flags.writeable = False
    return p, t
